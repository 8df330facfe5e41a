import { Select } from "antd";
import { useTranslation } from "react-i18next";

import { useChains } from "@/api/chains";
import { useRun, useRuns } from "@/api/runs";

import type { Column } from "./compare";
import styles from "./Comparison.module.css";
import { sweepsOf } from "./sweep";
import { MOST, type Chosen } from "./useColumns";

interface Props {
  readonly chain: string | undefined;
  readonly chosen: Chosen | undefined;
  /** What is compared now, whose titles are known. */
  readonly titles: readonly Column[];
  readonly onChain: (id: string) => void;
  readonly onRuns: (keys: readonly string[]) => void;
  readonly onSweep: (run: string, task: string) => void;
}

/** Which chain, and which of its runs or which sweep. Runs of another chain stay chosen. */
export function Chooser({ chain, onChain, ...rest }: Props) {
  const { t } = useTranslation();
  const chains = useChains({ page: 1, page_size: 100, sort: "-updated_at" });
  const offered = (chains.data?.items ?? []).map((each) => ({
    value: each.chain_id,
    label: each.chain_name,
  }));
  return (
    <div className={styles.chooser} role="group" aria-label={t("compare.empty")}>
      <Select<string | null>
        className={styles.choice ?? ""}
        showSearch={{ optionFilterProp: "label" }}
        aria-label={t("compare.chain")}
        placeholder={t("compare.chain")}
        value={chain ?? null}
        loading={chains.isPending}
        options={offered}
        onChange={(id) => id !== null && onChain(id)}
      />
      {chain !== undefined && <OfChain chain={chain} {...rest} />}
    </div>
  );
}

function OfChain({
  chain,
  chosen,
  titles,
  onRuns,
  onSweep,
}: Omit<Props, "chain" | "onChain"> & { chain: string }) {
  const { t } = useTranslation();
  const known = useRuns(chain);
  const swept = chosen?.kind === "sweep" ? chosen.run : known.data?.[0]?.run_id;
  const run = useRun(chain, swept);
  const sweeps = sweepsOf(run.data?.tasks ?? []);
  const runs = chosen?.kind === "runs" ? chosen.runs.map((each) => each.join("/")) : [];
  const own = (known.data ?? []).map((each) => ({
    value: `${chain}/${each.run_id}`,
    label: t("run.number", { number: each.number }),
  }));
  const others = titles
    .filter(({ id }) => runs.includes(id) && !id.startsWith(`${chain}/`))
    .map(({ id, title }) => ({ value: id, label: title }));
  return (
    <>
      <Select<string[]>
        className={styles.choice ?? ""}
        mode="multiple"
        maxCount={MOST}
        aria-label={t("compare.runs")}
        placeholder={t("compare.runs")}
        value={runs}
        loading={known.isPending}
        options={[...own, ...others]}
        onChange={onRuns}
      />
      {sweeps.length > 0 && swept !== undefined && (
        <Select<string | null>
          className={styles.choice ?? ""}
          aria-label={t("compare.sweep")}
          placeholder={t("compare.sweep")}
          value={chosen?.kind === "sweep" ? chosen.task : null}
          options={sweeps.map(({ task, nodes }) => ({
            value: task,
            label: t("compare.sweepOf", { task, count: nodes.length }),
          }))}
          onChange={(task) => task !== null && onSweep(swept, task)}
        />
      )}
    </>
  );
}
