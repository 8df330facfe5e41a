import type { ModelList } from "@/api/models";
import type { DisclosedLine, Node } from "@/api/parties";

/** One party, with the workers that run it alone. */
export interface Party {
  readonly name: string;
  readonly workers: readonly Node[];
  /** How many facts have been disclosed to it. */
  readonly learned: number;
}

const PARTY = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Every party that a worker runs, or that has been told something, by name. */
export function rosterOf(
  nodes: readonly Node[],
  disclosed: readonly DisclosedLine[],
  others: readonly string[] = [],
): Party[] {
  const names = new Set<string>(others);
  for (const node of nodes) {
    if (node.party != null) names.add(node.party);
    node.parties.forEach((name) => names.add(name));
  }
  // Readers and senders are told things too, and are no parties: their words have spaces.
  for (const { to } of disclosed) if (PARTY.test(to)) names.add(to);
  return [...names].sort().map((name) => ({
    name,
    workers: nodes.filter((node) => node.party === name),
    learned: factsOf(disclosed.filter((line) => line.to === name)).length,
  }));
}

/** The parties that models are held by. */
export function partiesOf(models: ModelList): string[] {
  return models.items.flatMap((line) => line.parties);
}

/** A fact, however often it was disclosed by a chain. */
export interface Told {
  readonly to: string;
  readonly what: string;
  readonly about: string;
  readonly chainId: string;
  readonly chainName: string;
  readonly times: number;
  readonly last: DisclosedLine;
}

/** Disclosures by chain and fact, the newest first. */
export function factsOf(lines: readonly DisclosedLine[]): Told[] {
  const found = new Map<string, Told>();
  for (const line of lines) {
    const key = JSON.stringify([line.chain_id, line.to, line.what, line.about]);
    const before = found.get(key);
    found.set(key, {
      to: line.to,
      what: line.what,
      about: line.about,
      chainId: line.chain_id,
      chainName: line.chain_name,
      times: (before?.times ?? 0) + 1,
      last: before?.last ?? line,
    });
  }
  return [...found.values()];
}

/** What was disclosed to others by chains that a party takes part in. */
export function aboutOthersThan(
  lines: readonly DisclosedLine[],
  party: string,
): readonly DisclosedLine[] {
  const chains = new Set(
    lines.filter((line) => line.to === party).map((line) => `${line.run_id} ${line.task_id}`),
  );
  return lines.filter(
    (line) =>
      line.to !== party && chains.has(`${line.run_id} ${line.task_id}`) && line.about !== "itself",
  );
}
