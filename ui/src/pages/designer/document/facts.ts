import type { components } from "@/api/schema";

type WouldLearn = components["schemas"]["WouldLearn"];

/** A fact, and who would learn it. */
export interface Fact {
  readonly key: string;
  readonly what: string;
  readonly about: string;
  readonly when: string;
  readonly nodes: readonly string[];
  /** Whether it is certain, by party. */
  readonly to: ReadonlyMap<string, boolean>;
  /** The same for those beyond the parties, by the words for who they are. */
  readonly outside: ReadonlyMap<string, boolean>;
  /** Who did not learn it before. */
  readonly newTo: ReadonlySet<string>;
}

/** Gather what would be learned by fact; those of most learners first. */
export function factsOf(
  learns: readonly WouldLearn[],
  before?: readonly WouldLearn[],
): readonly Fact[] {
  const known = before && new Set(before.map((line) => `${keyOf(line)}\n${line.to}`));
  const facts = new Map<string, Fact & { nodes: string[] }>();
  for (const line of learns) {
    const key = keyOf(line);
    const fact = facts.get(key) ?? {
      key,
      what: line.what,
      about: line.about,
      when: line.when,
      nodes: [],
      to: new Map<string, boolean>(),
      outside: new Map<string, boolean>(),
      newTo: new Set<string>(),
    };
    facts.set(key, fact);
    const whom = (line.outside ? fact.outside : fact.to) as Map<string, boolean>;
    whom.set(line.to, whom.get(line.to) === true || line.is_certain);
    for (const node of line.nodes) if (!fact.nodes.includes(node)) fact.nodes.push(node);
    if (known && !known.has(`${key}\n${line.to}`)) (fact.newTo as Set<string>).add(line.to);
  }
  return [...facts.values()].sort((one, other) => other.newTo.size - one.newTo.size);
}

function keyOf(line: WouldLearn): string {
  return [line.what, line.about, line.when].join("\n");
}
