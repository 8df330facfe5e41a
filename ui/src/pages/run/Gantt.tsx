import { Segmented } from "antd";
import { useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";

import { FigureTable } from "@/charts/FigureTable";
import { useNow } from "@/parts/clock";
import { useFormat } from "@/parts/format";
import { StateShape, type State } from "@/parts/StateShape";

import styles from "./Gantt.module.css";
import { barOf, SHARES, spanOf, ticks, totals, type Bar } from "./model/gantt";
import type { RunStory } from "./model/story";

/** A task in the timeline. */
export interface Row {
  readonly id: string;
  readonly name: string;
  readonly state: State;
  readonly attempts: number;
}

interface Props {
  readonly rows: readonly Row[];
  readonly story: RunStory | undefined;
  readonly selected: string | undefined;
  readonly onOpen: (id: string) => void;
}

/** When each task ran, and what its time went to; what still goes on grows. */
export function Gantt({ rows, story, selected, onOpen }: Props) {
  const { t } = useTranslation();
  const [view, setView] = useState<"picture" | "table">("picture");
  const now = useNow("second");
  const bars = useMemo(
    () => rows.map((row) => barOf(row.id, story?.tasks[row.id], now)),
    [rows, story, now],
  );
  const span = spanOf(bars);
  if (!span) return <p className="faint">{t("run.noTimeline")}</p>;
  return (
    <div className={styles.whole}>
      <div className={styles.head}>
        <ul className={styles.legend} aria-label={t("run.timeline")}>
          {SHARES.map((share) => (
            <li key={share} title={t(`run.shareHint.${share}`)}>
              <i className={styles[share]} aria-hidden="true" />
              {t(`run.share.${share}`)}
            </li>
          ))}
        </ul>
        <Segmented
          size="small"
          aria-label={t("results.view")}
          value={view}
          onChange={setView}
          options={[
            { value: "picture", label: t("run.asPicture") },
            { value: "table", label: t("run.asTable") },
          ]}
        />
      </div>
      {view === "picture" ? (
        <Chart rows={rows} bars={bars} span={span} selected={selected} onOpen={onOpen} />
      ) : (
        <AsTable rows={rows} bars={bars} />
      )}
    </div>
  );
}

interface ChartProps extends Pick<Props, "rows" | "selected" | "onOpen"> {
  readonly bars: readonly Bar[];
  readonly span: { from: number; to: number };
}

function Chart({ rows, bars, span, selected, onOpen }: ChartProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const hint = useId();
  const list = useRef<HTMLDivElement>(null);
  const [walked, setWalked] = useState(0);
  const length = span.to - span.from;
  const place = (at: number) => ((at - span.from) / length) * 100;

  function walk(event: KeyboardEvent) {
    const to = { ArrowDown: walked + 1, ArrowUp: walked - 1, Home: 0, End: rows.length - 1 }[
      event.key
    ];
    if (to === undefined || to < 0 || to >= rows.length) return;
    event.preventDefault();
    setWalked(to);
    list.current?.querySelectorAll<HTMLButtonElement>("button")[to]?.focus();
  }

  function say(bar: Bar): string {
    const sums = totals(bar);
    return SHARES.filter((share) => sums[share] > 0)
      .map((share) => `${t(`run.share.${share}`)} ${format.duration(sums[share])}`)
      .join(", ");
  }

  return (
    <div className={styles.chart}>
      <div className={styles.axis} aria-hidden="true">
        {ticks(span, 8).map((second) => (
          <span key={second} style={{ left: `${place(span.from + second * 1000)}%` }}>
            {second === 0 ? "0" : format.duration(second)}
          </span>
        ))}
      </div>
      <p id={hint} className={styles.hidden}>
        {t("run.timelineHint")}
      </p>
      <div
        ref={list}
        role="group"
        aria-label={t("run.timeline")}
        aria-describedby={hint}
        className={styles.rows}
        onKeyDown={walk}
      >
        {rows.map((row, at) => {
          const bar = bars[at];
          if (!bar) return null;
          return (
            <button
              key={row.id}
              type="button"
              className={row.id === selected ? styles.chosen : styles.row}
              tabIndex={at === walked ? 0 : -1}
              onFocus={() => setWalked(at)}
              onClick={() => onOpen(row.id)}
              aria-label={`${row.name}, ${t(`state.${row.state}`)}. ${say(bar)}`}
            >
              <span className={styles.name}>
                <StateShape state={row.state} size={14} />
                <span>{row.name}</span>
              </span>
              <span className={styles.track}>
                {bar.stretches.map((each, index) => (
                  <i
                    key={index}
                    className={styles[each.share]}
                    title={`${t(`run.share.${each.share}`)}: ${format.duration((each.to - each.from) / 1000)}`}
                    style={{
                      left: `${place(each.from)}%`,
                      width: `max(1.5px, ${((each.to - each.from) / length) * 100}%)`,
                    }}
                  />
                ))}
              </span>
            </button>
          );
        })}
      </div>
    </div>
  );
}

function AsTable({ rows, bars }: { rows: readonly Row[]; bars: readonly Bar[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const table = {
    columns: [
      t("run.task"),
      t("run.state"),
      t("run.attempts"),
      ...SHARES.map((share) => t(`run.share.${share}`)),
      t("run.total"),
    ],
    rows: rows.map((row, at) => {
      const sums = totals(bars[at] ?? { taskId: row.id, stretches: [], isOpen: false });
      const shares = SHARES.map((share) => sums[share]);
      const all = shares.reduce((sum, each) => sum + each, 0);
      return [
        row.name,
        t(`state.${row.state}`),
        row.attempts,
        ...[...shares, all].map((each) => (each === 0 ? "–" : format.duration(each))),
      ];
    }),
  };
  return <FigureTable table={table} label={t("run.timeline")} />;
}
