import { Button } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { useFormat } from "@/parts/format";

import { Curves } from "./Curves";
import { figureRows, settingRows, type Column, type FigureRow, type SettingRow } from "./compare";
import styles from "./Comparison.module.css";

/** What differs first, then the figures as bars, then what is the same. */
export function Comparison({ columns }: { columns: readonly Column[] }) {
  const { t } = useTranslation();
  const [showsSame, setShowsSame] = useState(false);
  const { differing, same } = useMemo(() => settingRows(columns), [columns]);
  const figures = useMemo(() => figureRows(columns), [columns]);
  return (
    <div className={styles.whole}>
      <section className={styles.part}>
        <h2>{t("compare.differs")}</h2>
        {differing.length === 0 ? (
          <p className="faint">{t("compare.noDifference")}</p>
        ) : (
          <Settings label={t("compare.differs")} columns={columns} rows={differing} />
        )}
      </section>
      <section className={styles.part}>
        <h2>{t("compare.figures")}</h2>
        {figures.length === 0 ? (
          <p className="faint">{t("compare.noFigures")}</p>
        ) : (
          <Figures columns={columns} rows={figures} />
        )}
      </section>
      <Curves columns={columns} />
      {same.length > 0 && (
        <section className={styles.part}>
          <Button type="link" aria-expanded={showsSame} onClick={() => setShowsSame(!showsSame)}>
            {t("compare.same", { count: same.length })}
          </Button>
          {showsSame && <Settings label={t("compare.setting")} columns={columns} rows={same} />}
        </section>
      )}
    </div>
  );
}

interface SettingsProps {
  readonly label: string;
  readonly columns: readonly Column[];
  readonly rows: readonly SettingRow[];
}

function Settings({ label, columns, rows }: SettingsProps) {
  const { t } = useTranslation();
  return (
    <div className={styles.room} role="region" aria-label={label} tabIndex={0}>
      <table className={styles.table}>
        <Head first={t("compare.setting")} columns={columns} />
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              {row.values.map((value, at) => (
                <td key={at}>{value ?? <span className="faint">–</span>}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Figures({ columns, rows }: { columns: readonly Column[]; rows: readonly FigureRow[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className={styles.room} role="region" aria-label={t("compare.figures")} tabIndex={0}>
      <table className={styles.table}>
        <Head first={t("compare.figure")} columns={columns} />
        <tbody>
          {rows.map((row) => {
            const known = row.values.filter((value) => value !== undefined);
            const best = Math.max(...known);
            const isTold = known.some((value) => value !== best);
            return (
              <tr key={row.name}>
                <th scope="row">{row.name}</th>
                {row.values.map((value, at) => (
                  <td key={at}>
                    {value === undefined ? (
                      <span className="faint">–</span>
                    ) : (
                      <>
                        <span className="numbers">
                          {format.number(value)}
                          {isTold && value === best && (
                            <span title={t("compare.best")} aria-label={t("compare.best")}>
                              {" "}
                              ▲
                            </span>
                          )}
                        </span>
                        <span className={styles.bar} aria-hidden="true">
                          <i
                            className={isTold && value === best ? styles.best : styles.rest}
                            style={{
                              width: `${row.most === 0 ? 0 : (Math.abs(value) / row.most) * 100}%`,
                            }}
                          />
                        </span>
                      </>
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Head({ first, columns }: { first: string; columns: readonly Column[] }) {
  return (
    <thead>
      <tr>
        <th scope="col">{first}</th>
        {columns.map((column) => (
          <th key={column.id} scope="col">
            {column.title}
          </th>
        ))}
      </tr>
    </thead>
  );
}
