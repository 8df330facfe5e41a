import { Skeleton } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";

import { Empty } from "@/parts/Empty";
import { Page } from "@/parts/Page";
import { ProblemNote } from "@/parts/ProblemNote";

import { Chooser } from "./Chooser";
import { Comparison } from "./Comparison";
import { MOST, useColumns, type Chosen } from "./useColumns";

/** Runs, or the nodes of a sweep, side by side. The address holds what is compared. */
export function Component() {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const chosen = useMemo(() => readChosen(params), [params]);
  const columns = useColumns(chosen);
  const chain =
    params.get("chain") ?? (chosen?.kind === "runs" ? chosen.runs[0]?.[0] : undefined) ?? undefined;

  const runs = chosen?.kind === "runs" ? chosen.runs.map((each) => each.join("/")) : [];
  const isAlone = columns.data?.length === 1;

  function change(to: { chain: string | undefined; runs: readonly string[] }) {
    const next = new URLSearchParams(to.chain ? { chain: to.chain } : {});
    to.runs.forEach((key) => next.append("run", key));
    setParams(next);
  }

  return (
    <Page title={t("compare.title")} note={t("compare.intro")}>
      <Chooser
        chain={chain}
        chosen={chosen}
        titles={columns.data ?? []}
        onChain={(id) => change({ chain: id, runs })}
        onRuns={(keys) => change({ chain, runs: keys })}
        onSweep={(run, task) => setParams(chain ? { chain, of: run, sweep: task } : {})}
      />
      {columns.error && (
        <ProblemNote
          title={t("compare.failedToLoad")}
          error={columns.error}
          onAgain={() => void columns.refetch()}
        />
      )}
      {!chosen && (
        <Empty
          title={t("compare.empty")}
          action={<Link to="/chains">{t("problem.toChains")}</Link>}
        >
          {t("compare.emptyHint")}
        </Empty>
      )}
      {isAlone && <Empty title={t("compare.compareChosen", { count: 1 })} />}
      {chosen && !columns.data && !columns.error && <Skeleton active paragraph={{ rows: 8 }} />}
      {columns.data && !isAlone && <Comparison columns={columns.data} />}
    </Page>
  );
}

/** `?run=<chain>/<run>` up to six times, or `?chain=&of=<run>&sweep=<task>`. */
function readChosen(params: URLSearchParams): Chosen | undefined {
  const [chain, of, task] = [params.get("chain"), params.get("of"), params.get("sweep")];
  if (chain && of && task) return { kind: "sweep", chain, run: of, task };
  const runs = params
    .getAll("run")
    .slice(0, MOST)
    .flatMap((each) => {
      const [its, run] = each.split("/");
      return its && run ? [[its, run] as const] : [];
    });
  return runs.length > 0 ? { kind: "runs", runs } : undefined;
}
