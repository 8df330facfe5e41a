import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { fetchReports } from "@/api/reports";
import { ChartCard } from "@/charts/ChartCard";

import type { Column } from "./compare";
import styles from "./Comparison.module.css";
import { overlaid, type Titled } from "./overlay";

/** The curves of evaluations that the columns have in common, laid over each other. */
export function Curves({ columns }: { columns: readonly Column[] }) {
  const { t } = useTranslation();
  const names = [...new Set(columns.flatMap((column) => column.evaluations.map((e) => e.name)))];
  const curves = useQuery({
    queryKey: ["compare", "curves", columns.map((column) => column.evaluations)],
    queryFn: async () =>
      Promise.all(
        names.map(async (name) => ({ name, charts: overlaid(await reportsOf(columns, name)) })),
      ),
    enabled: names.length > 0,
  });
  const shown = curves.data?.filter(({ charts }) => charts.length > 0) ?? [];
  if (shown.length === 0) return null;
  return (
    <section className={styles.part}>
      <h2>{t("compare.charts")}</h2>
      {shown.map(({ name, charts }) => (
        <section key={name} className={styles.curves} aria-label={name}>
          <h3>{name}</h3>
          <div className={styles.charts}>
            {charts.map((chart) => (
              <ChartCard key={chart.id} chart={chart} of={name} />
            ))}
          </div>
        </section>
      ))}
    </section>
  );
}

async function reportsOf(columns: readonly Column[], name: string): Promise<Titled[]> {
  const found = await Promise.all(
    columns.map(async (column) => {
      const at = column.evaluations.find((each) => each.name === name);
      if (!at) return [];
      const told = await fetchReports(at.chain, at.run, at.task);
      const report = told.find((each) => each.report)?.report;
      return report ? [{ title: column.title, report }] : [];
    }),
  );
  return found.flat();
}
