import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { LanguageSwitch, ThemeSwitch } from "@/frame/Switches";
import { Mark } from "@/frame/Mark";

import styles from "./SignInPage.module.css";

/** What stands around the forms of who is not signed in yet. */
export function SignInPage({ title, children }: { title?: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className={styles.page}>
      <header className={styles.switches}>
        <LanguageSwitch />
        <ThemeSwitch />
      </header>
      <main className={styles.card}>
        <div className={styles.brand}>
          <Mark size={40} />
          <div>
            <strong>{t("common.product")}</strong>
            <p className="faint">{t("signIn.promise")}</p>
          </div>
        </div>
        {title !== undefined && <h1 className={styles.title}>{title}</h1>}
        {children}
      </main>
      <footer className={styles.notes}>
        <p>{t("signIn.linkNote")}</p>
        <p>{t("signIn.tokenNote")}</p>
      </footer>
    </div>
  );
}
