import { DownloadOutlined, LineChartOutlined, TableOutlined } from "@ant-design/icons";
import { Button, Dropdown, Segmented } from "antd";
import { useId, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { fileName, saveCsv } from "@/charts/download";
import { FigureTable } from "@/charts/FigureTable";
import { csvOf, type Table } from "@/charts/table";
import { save } from "@/parts/files";

import styles from "./ChartCard.module.css";

interface Props {
  readonly title: string;
  readonly table: Table;
  readonly note?: string | undefined;
  /** For the names of downloads, before the title. */
  readonly of?: string | undefined;
  /** Left out where the figures are a table by themselves. */
  readonly picture?: ReactNode;
  readonly onPicture?: (() => Promise<Blob | null>) | undefined;
  /** Beside each row's name: its figures as a small picture. */
  readonly glance?: ((row: number) => ReactNode) | undefined;
}

/** Figures with their title and how to read them, as a picture and as a table, and as files. */
export function FigureCard({ title, table, note, of, picture, onPicture, glance }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const [view, setView] = useState<"picture" | "table">("picture");
  const hasPicture = picture !== undefined;
  const isTable = !hasPicture || view === "table";
  const name = [of, title].filter(Boolean).join(" ");
  const downloads = [
    { key: "csv", label: t("results.asCsv") },
    ...(onPicture ? [{ key: "png", label: t("results.asPng") }] : []),
  ];

  async function download(kind: string) {
    if (kind === "csv") {
      saveCsv(fileName(name, "csv"), csvOf(table));
      return;
    }
    const made = await onPicture?.();
    if (made) save(fileName(name, "png"), made);
  }

  return (
    <figure className={styles.card} aria-labelledby={id}>
      <div className={styles.head}>
        <h3 id={id}>{title}</h3>
        <div className={styles.tools}>
          {hasPicture && (
            <Segmented
              size="small"
              aria-label={`${t("results.view")}: ${title}`}
              value={view}
              onChange={setView}
              options={[
                {
                  value: "picture",
                  icon: <LineChartOutlined aria-label={t("results.picture")} />,
                  title: t("results.picture"),
                },
                {
                  value: "table",
                  icon: <TableOutlined aria-label={t("results.table")} />,
                  title: t("results.table"),
                },
              ]}
            />
          )}
          <Dropdown
            trigger={["click"]}
            menu={{ items: downloads, onClick: ({ key }) => void download(key) }}
          >
            <Button
              size="small"
              type="text"
              icon={<DownloadOutlined />}
              aria-label={`${t("common.download")}: ${title}`}
            />
          </Dropdown>
        </div>
      </div>
      {hasPicture && <div hidden={isTable}>{picture}</div>}
      {isTable && <FigureTable table={table} label={title} glance={glance} />}
      {note !== undefined && <figcaption>{note}</figcaption>}
    </figure>
  );
}
