import type { ReactNode } from "react";

import styles from "./Section.module.css";

interface Props {
  readonly title: string;
  readonly note?: string;
  readonly children: ReactNode;
}

/** A part of the settings: what it is at the left, its controls at the right. */
export function Section({ title, note, children }: Props) {
  return (
    <section className={styles.section}>
      <div>
        <h2>{title}</h2>
        {note !== undefined && <p className={styles.note}>{note}</p>}
      </div>
      <div className={styles.controls}>{children}</div>
    </section>
  );
}
