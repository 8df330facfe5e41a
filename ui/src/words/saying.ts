/** English sentences and what they are in another language; ``{}`` stands for a name or a number.
 *
 * In the translation ``{}`` takes the next of them and ``{1}`` the second. ``{1:say}`` says it in the
 * other language too, where it is words and not a name; ``{1:list}`` says those of a list that have
 * a space, which no name has.
 */
export type Catalogue = Readonly<Record<string, string>>;

/** Says a sentence in the other language, or as it is where nobody knows it. */
export type Say = (text: string) => string;

interface Pattern {
  readonly literals: readonly string[];
  readonly said: readonly Piece[];
}

type Piece = string | { readonly slot: number; readonly is: "name" | "say" | "list" };

const LONGEST = 4000;
const DEEPEST = 6;

/** Make what says the sentences of some catalogues, alone, in lists and behind a place. */
export function sayingOf(...catalogues: readonly Catalogue[]): Say {
  const whole = new Map<string, string>();
  const patterns: Pattern[] = [];
  for (const [english, said] of catalogues.flatMap((each) => Object.entries(each))) {
    const literals = english.split("{}");
    if (literals.length === 1) whole.set(english, said);
    else patterns.push({ literals, said: piecesOf(said) });
  }
  patterns.sort((one, other) => weightOf(other) - weightOf(one)); // what says more comes first

  const find = (text: string, depth: number): string | undefined => {
    if (text.length > LONGEST || depth > DEEPEST) return undefined;
    const known = whole.get(text);
    if (known !== undefined) return known;
    const listed = listOf(text, depth);
    if (listed?.every((each) => each !== undefined)) return listed.join("；");
    for (const { literals, said } of patterns) {
      const slots = slotsOf(literals, text);
      if (slots) return fill(said, slots, depth);
    }
    return (
      placed(text, depth) ??
      (listed?.some((each) => each !== undefined)
        ? text
            .split("; ")
            .map((each, at) => listed[at] ?? each)
            .join("；")
        : undefined)
    );
  };

  const listOf = (text: string, depth: number) =>
    text.includes("; ") ? text.split("; ").map((each) => find(each, depth + 1)) : undefined;

  /** ``task_config.keys: required field is missing`` */
  const placed = (text: string, depth: number): string | undefined => {
    const cut = text.indexOf(": ");
    if (cut <= 0 || /\s/.test(text.slice(0, cut))) return undefined;
    const rest = find(text.slice(cut + 2), depth + 1);
    return rest === undefined ? undefined : `${text.slice(0, cut)}：${rest}`;
  };

  const fill = (said: readonly Piece[], slots: readonly string[], depth: number): string =>
    said
      .map((piece) => {
        if (typeof piece === "string") return piece;
        const slot = slots[piece.slot] ?? "";
        if (piece.is === "name") return slot;
        const say = (words: string) => find(words, depth + 1) ?? words;
        if (piece.is === "say") return say(slot);
        const items = slot.split(/, | and /).map((each) => (each.includes(" ") ? say(each) : each));
        return items.join("、");
      })
      .join("");

  return (text) => find(text, 0) ?? text;
}

function piecesOf(said: string): Piece[] {
  let next = 0;
  return said.split(/(\{\d*(?::say|:list)?\})/).map((part): Piece => {
    const slot = /^\{(\d*):?(say|list)?\}$/.exec(part);
    if (!slot) return part;
    const is = slot[2] === "say" || slot[2] === "list" ? slot[2] : "name";
    return { slot: slot[1] ? Number(slot[1]) - 1 : next++, is };
  });
}

function weightOf({ literals }: Pattern): number {
  return literals.reduce((sum, literal) => sum + literal.length, 0);
}

/** What stands between the literals; undefined where they are not all there, in their order. */
function slotsOf(literals: readonly string[], text: string): string[] | undefined {
  const first = literals[0] ?? "";
  const last = literals[literals.length - 1] ?? "";
  const end = text.length - last.length;
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return undefined;
  const slots: string[] = [];
  let at = first.length;
  for (const literal of literals.slice(1, -1)) {
    const found = text.indexOf(literal, at);
    if (found < 0 || found + literal.length > end) return undefined;
    slots.push(text.slice(at, found));
    at = found + literal.length;
  }
  slots.push(text.slice(at, end));
  // A sentence that begins with a name begins with one, and not with other words.
  return first === "" && !isName(slots[0] ?? "") ? undefined : slots;
}

function isName(text: string): boolean {
  return !/\s/.test(text) || /^(['"`[]).*['"`\]]$/s.test(text);
}
