import type { ReactNode } from "react";

import styles from "./Empty.module.css";

interface Props {
  readonly title: string;
  /** One or two sentences: what would be here, and the first step to it. */
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** A place with nothing in it yet, which says how something comes to be there. */
export function Empty({ title, children, action }: Props) {
  return (
    <div className={styles.empty}>
      <h2>{title}</h2>
      {children !== undefined && <div className={styles.words}>{children}</div>}
      {action !== undefined && <div className={styles.action}>{action}</div>}
    </div>
  );
}
