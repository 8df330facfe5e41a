import { DownOutlined, RightOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useFormat } from "@/parts/format";

import { Curves } from "./Curves";
import {
  figureRows,
  isSame,
  settingRows,
  type Column,
  type FigureRow,
  type SettingRow,
} from "./compare";
import styles from "./Comparison.module.css";
import { usePathNames } from "./usePathNames";

/** What differs first, then the figures as bars, then what is the same. */
export function Comparison({ columns }: { columns: readonly Column[] }) {
  const { t } = useTranslation();
  const { differing, places, same } = useMemo(() => settingRows(columns), [columns]);
  const figures = useMemo(() => figureRows(columns), [columns]);
  const told = figures.filter((row) => !isSame(row.values));
  const equal = figures.filter((row) => isSame(row.values));
  return (
    <div className={styles.whole}>
      <section className={styles.part}>
        <h2>{t("compare.differs")}</h2>
        {differing.length === 0 ? (
          <p className="faint">{t("compare.noDifference")}</p>
        ) : (
          <Settings label={t("compare.differs")} columns={columns} rows={differing} />
        )}
        <Folded words={t("compare.places", { count: places.length })} count={places.length}>
          <Settings label={t("compare.setting")} columns={columns} rows={places} />
        </Folded>
      </section>
      <section className={styles.part}>
        <h2>{t("compare.figures")}</h2>
        {figures.length === 0 ? (
          <p className="faint">{t("compare.noFigures")}</p>
        ) : (
          <>
            {told.length > 0 && <Figures columns={columns} rows={told} />}
            <Folded words={t("compare.sameFigures", { count: equal.length })} count={equal.length}>
              <Figures columns={columns} rows={equal} />
            </Folded>
          </>
        )}
      </section>
      <Curves columns={columns} />
      {same.length > 0 && (
        <section className={styles.part}>
          <Folded words={t("compare.same", { count: same.length })} count={same.length}>
            <Settings label={t("compare.setting")} columns={columns} rows={same} />
          </Folded>
        </section>
      )}
    </div>
  );
}

interface FoldedProps {
  readonly words: string;
  readonly count: number;
  readonly children: ReactNode;
}

/** What says nothing about the difference, for who wants it all the same. */
function Folded({ words, count, children }: FoldedProps) {
  const [isShown, setShown] = useState(false);
  if (count === 0) return null;
  return (
    <>
      <Button
        type="link"
        className={styles.fold ?? ""}
        icon={isShown ? <DownOutlined /> : <RightOutlined />}
        aria-expanded={isShown}
        onClick={() => setShown(!isShown)}
      >
        {words}
      </Button>
      {isShown && children}
    </>
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
              <Name of={row.name} />
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
                <Name of={row.name} />
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

/** What a row is about: the setting or figure in words, and below it the task that has it. */
function Name({ of }: { of: string }) {
  const { name, of: task } = usePathNames()(of);
  return (
    <th scope="row" title={of}>
      {name}
      {task !== "" && <span className={styles.task}>{task}</span>}
    </th>
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
