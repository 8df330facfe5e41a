import { useEffect, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import styles from "./Page.module.css";

interface Props {
  readonly title: string;
  /** Beside the title: a state's mark, a version. */
  readonly mark?: ReactNode;
  /** Below the title, in one line. */
  readonly note?: ReactNode;
  /** The page's buttons. */
  readonly actions?: ReactNode;
  /** As wide as the window, for a canvas or a wide table. */
  readonly isWide?: boolean;
  readonly children: ReactNode;
}

/** A page's heading, its actions, and what it shows. */
export function Page({ title, mark, note, actions, isWide = false, children }: Props) {
  usePageTitle(title);
  return (
    <div className={isWide ? styles.wide : styles.page}>
      <header className={styles.head}>
        <div className={styles.words}>
          <div className={styles.title}>
            <h1>{title}</h1>
            {mark}
          </div>
          {note !== undefined && <div className={styles.note}>{note}</div>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** Name the browser's tab after the page. */
export function usePageTitle(title: string): void {
  const { t } = useTranslation();
  const product = t("common.product");
  useEffect(() => {
    document.title = `${title} · ${product}`;
  }, [title, product]);
}
