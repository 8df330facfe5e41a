import { Select, Skeleton } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { useChains } from "@/api/chains";
import { useRuns } from "@/api/runs";
import { Empty } from "@/parts/Empty";
import { Page } from "@/parts/Page";
import { ProblemNote } from "@/parts/ProblemNote";

import { Comparison } from "./Comparison";
import { useColumns, type Chosen } from "./useColumns";

const MOST = 6;

/** Runs, or the nodes of a sweep, side by side. The address holds what is compared. */
export function Component() {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const chosen = useMemo(() => readChosen(params), [params]);
  const columns = useColumns(chosen);
  const chain =
    params.get("chain") ?? (chosen?.kind === "runs" ? chosen.runs[0]?.[0] : undefined) ?? undefined;

  return (
    <Page title={t("compare.title")} note={t("compare.intro")}>
      <Chooser
        chain={chain}
        runs={chosen?.kind === "runs" ? chosen.runs.map(([, run]) => run) : []}
        onChain={(id) => setParams({ chain: id })}
        onRuns={(ids) =>
          setParams(() => {
            const next = new URLSearchParams(chain ? { chain } : {});
            ids.forEach((id) => next.append("run", `${chain}/${id}`));
            return next;
          })
        }
      />
      {columns.error && (
        <ProblemNote
          title={t("compare.failedToLoad")}
          error={columns.error}
          onAgain={() => void columns.refetch()}
        />
      )}
      {!chosen && <Empty title={t("compare.empty")}>{t("compare.emptyHint")}</Empty>}
      {chosen && !columns.data && !columns.error && <Skeleton active paragraph={{ rows: 8 }} />}
      {columns.data && <Comparison columns={columns.data} />}
    </Page>
  );
}

interface ChooserProps {
  readonly chain: string | undefined;
  readonly runs: readonly string[];
  readonly onChain: (id: string) => void;
  readonly onRuns: (ids: readonly string[]) => void;
}

function Chooser({ chain, runs, onChain, onRuns }: ChooserProps) {
  const { t } = useTranslation();
  const chains = useChains({ page: 1, page_size: 100, sort: "-updated_at" });
  return (
    <div
      style={{ display: "flex", flexWrap: "wrap", gap: 12, marginBottom: 24 }}
      role="group"
      aria-label={t("compare.empty")}
    >
      <Select<string | null>
        showSearch={{ optionFilterProp: "label" }}
        style={{ width: 320, maxWidth: "100%" }}
        aria-label={t("compare.chain")}
        placeholder={t("compare.chain")}
        value={chain ?? null}
        loading={chains.isPending}
        options={(chains.data?.items ?? []).map((each) => ({
          value: each.chain_id,
          label: each.chain_name,
        }))}
        onChange={(id) => id !== null && onChain(id)}
      />
      {chain !== undefined && <RunChoice chain={chain} runs={runs} onRuns={onRuns} />}
    </div>
  );
}

function RunChoice({
  chain,
  runs,
  onRuns,
}: Pick<ChooserProps, "runs" | "onRuns"> & { chain: string }) {
  const { t } = useTranslation();
  const known = useRuns(chain);
  return (
    <Select<string[]>
      mode="multiple"
      maxCount={MOST}
      style={{ minWidth: 280, maxWidth: "100%" }}
      aria-label={t("compare.runs")}
      placeholder={t("compare.runs")}
      value={[...runs]}
      loading={known.isPending}
      options={(known.data ?? []).map((run) => ({
        value: run.run_id,
        label: t("run.number", { number: run.number }),
      }))}
      onChange={onRuns}
    />
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
