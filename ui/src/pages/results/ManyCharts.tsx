import { Button, Input } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { inLanguage, type Chart } from "@/charts/document";
import { useChoices } from "@/frame/choices";

import styles from "./results.module.css";

const FIRST = 8;
const STEP = 24;

interface Props {
  readonly charts: readonly Chart[];
  readonly children: (chart: Chart) => ReactNode;
}

/** A report's charts. Of a chart for each of 200 columns the first, and any by its name. */
export function ManyCharts({ charts, children }: Props) {
  const { t } = useTranslation();
  const language = useChoices((choices) => choices.language);
  const [name, setName] = useState("");
  const [most, setMost] = useState(FIRST);
  // A page or so of charts more than asked for is no reason to hide some.
  const isMany = charts.length > FIRST + 4;
  const wanted = name.trim().toLowerCase();
  const found = wanted
    ? charts.filter((chart) => inLanguage(chart.title, language).toLowerCase().includes(wanted))
    : charts;
  const shown = isMany ? found.slice(0, most) : found;
  const left = found.length - shown.length;
  return (
    <>
      {isMany && (
        <Input.Search
          className={styles.find ?? ""}
          allowClear
          placeholder={t("results.findChart")}
          aria-label={t("results.findChart")}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      )}
      <div className={styles.cards}>{shown.map(children)}</div>
      {found.length === 0 && charts.length > 0 && <p className="faint">{t("results.noChart")}</p>}
      {left > 0 && (
        <Button className={styles.more ?? ""} onClick={() => setMost(most + STEP)}>
          {t("results.moreCharts", { count: left })}
        </Button>
      )}
    </>
  );
}
