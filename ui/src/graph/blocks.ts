/** Tasks that are placed together; most blocks are one task. */
export interface Block {
  /** The first member's. */
  readonly id: string;
  readonly members: readonly string[];
}

interface Ends {
  readonly from: string;
  readonly to: string;
}

/** More alike than these in one row would make the picture too wide to be read. */
const MOST_IN_A_ROW = 5;

/**
 * Put tasks together that wait for the same and are waited for by the same, as those of a sweep.
 *
 * Nobody reads a row of 24: they stand as a block, in the order in which they were given.
 */
export function blocksOf(ids: readonly string[], edges: readonly Ends[]): readonly Block[] {
  const before = new Map<string, string[]>();
  const after = new Map<string, string[]>();
  for (const { from, to } of edges) {
    before.set(to, [...(before.get(to) ?? []), from]);
    after.set(from, [...(after.get(from) ?? []), to]);
  }
  const alike = new Map<string, string[]>();
  for (const id of ids) {
    const ends = [before, after].map((side) => [...new Set(side.get(id))].sort());
    const key = JSON.stringify(ends);
    alike.set(key, [...(alike.get(key) ?? []), id]);
  }
  return [...alike.values()].flatMap((members) =>
    members.length > MOST_IN_A_ROW
      ? [{ id: members[0]!, members }]
      : members.map((id) => ({ id, members: [id] })),
  );
}

/** How many stand side by side: about as many as there are rows. */
export function columnsOf(block: Block): number {
  return Math.ceil(Math.sqrt(block.members.length));
}
