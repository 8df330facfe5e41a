import { useTranslation } from "react-i18next";

import styles from "./designer.module.css";

/** The keys of the designer. */
export function Keys() {
  const { t } = useTranslation();
  const rows: readonly (readonly [string, string])[] = [
    ["Alt N, Enter", t("designer.keys.add")],
    ["↑ ↓ ← →", t("designer.keys.walk")],
    ["Shift ↑ ↓", t("designer.keys.extend")],
    ["Alt ↑ ↓ ← →", t("designer.keys.move")],
    ["Enter", t("designer.keys.open")],
    ["Del", t("designer.keys.removes")],
    ["Ctrl A", t("designer.keys.all")],
    ["Ctrl C, Ctrl V", `${t("designer.tool.copy")}, ${t("designer.tool.paste")}`],
    ["Ctrl Z, Ctrl Shift Z", `${t("designer.tool.undo")}, ${t("designer.tool.redo")}`],
    ["Ctrl S", t("designer.tool.save")],
    ["Ctrl Enter", t("designer.tool.dryRun")],
    ["Esc, Tab", t("designer.keys.leave")],
  ];
  return (
    <table className={styles.keys}>
      <tbody>
        {rows.map(([keys, what]) => (
          <tr key={keys}>
            <th scope="row">
              <kbd>{keys}</kbd>
            </th>
            <td>{what}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
