import { partiesOfTask, type Chain, type Task } from "@/pages/designer/document/chain";
import { columnsOfTask, keysBefore, namesAt } from "@/pages/designer/document/columns";
import type { Kinds } from "@/pages/designer/document/kinds";
import type { OfferedColumn, Offers } from "@/pages/designer/document/proposals";

type ByParty = Readonly<Record<string, readonly string[]>>;

/** What a task's columns may be for, by their names and types; every guess is shown and changeable. */
export interface Guess {
  readonly ids: ByParty | undefined;
  /** The label's holder; its column too, where one is called like a label. */
  readonly label: { readonly party: string; readonly name: string | undefined } | undefined;
  /** Columns of numbers that are neither keys nor labels. */
  readonly numbers: ByParty | undefined;
  readonly texts: ByParty | undefined;
}

const LABELS = new Set([
  "y",
  "label",
  "target",
  "default",
  "class",
  "credit_risk",
  "creditability",
]);

/** Guess what the columns that a task reads are for. */
export function guessColumns(
  known: { readonly chain: Chain; readonly kinds: Kinds; readonly offers: Offers },
  task: Task,
): Guess {
  const parties = partiesOfTask(known.chain, task);
  const ids = keysBefore(known, task);
  const isLabel = (column: OfferedColumn) => LABELS.has(column.name.toLowerCase());
  const free = (party: string) =>
    (columnsOfTask(known, task, party) ?? []).filter(
      (column) => !namesAt(ids, party).includes(column.name),
    );
  const holder = parties.find((party) => free(party).some(isLabel)) ?? parties[0];
  const pick = (isWanted: (column: OfferedColumn) => boolean): ByParty | undefined => {
    const found = parties.flatMap((party) => {
      const names = free(party).filter((column) => isWanted(column) && !isLabel(column));
      return names.length > 0 ? [[party, names.map((column) => column.name)] as const] : [];
    });
    return found.length > 0 ? Object.fromEntries(found) : undefined;
  };
  return {
    ids,
    label:
      holder === undefined ? undefined : { party: holder, name: free(holder).find(isLabel)?.name },
    numbers: pick((column) => column.kind === "integer" || column.kind === "number"),
    texts: pick((column) => column.kind === "text"),
  };
}
