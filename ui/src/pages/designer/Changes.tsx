import { useTranslation } from "react-i18next";

import type { Difference } from "@/pages/designer/document/changes";

import styles from "./designer.module.css";

/** Where two documents differ, one line for each place. */
export function Changes({ changes }: { changes: readonly Difference[] }) {
  const { t } = useTranslation();
  if (changes.length === 0) return <p className="faint">{t("designer.versions.same")}</p>;
  return (
    <ul className={styles.changes}>
      {changes.map((change) => (
        <li key={change.path}>
          <span className="faint">{t(`designer.versions.kind.${change.kind}`)}</span>{" "}
          <code>{change.path}</code>
          {change.kind !== "added" && (
            <del title={t("designer.versions.before")}>{JSON.stringify(change.before)}</del>
          )}
          {change.kind !== "removed" && (
            <ins title={t("designer.versions.after")}>{JSON.stringify(change.after)}</ins>
          )}
        </li>
      ))}
    </ul>
  );
}
