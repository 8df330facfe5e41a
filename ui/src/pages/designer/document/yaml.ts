import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  stringify,
  type Document,
  type Node,
} from "yaml";

import { isObject, unreadable, type Chain, type Path } from "@/pages/designer/document/chain";

/** A fault of a text, with its place in it. */
export interface TextFault {
  readonly message: string;
  /** Offsets in the text. */
  readonly from: number;
  readonly to: number;
}

export type ReadText =
  | { readonly chain: Chain; readonly fault?: undefined }
  | { readonly chain?: undefined; readonly fault: TextFault };

const WRITING = { lineWidth: 0, minContentWidth: 0 } as const;

/** Read a text as a chain, or say where it is none. */
export function readYaml(text: string): ReadText {
  const document = parseDocument(text, { uniqueKeys: true, strict: true });
  const error = document.errors[0];
  if (error !== undefined) {
    const message = error.message.split("\n")[0]?.replace(/ at line .*$/, "") ?? error.code;
    return { fault: { message, from: error.pos[0], to: Math.max(error.pos[1], error.pos[0] + 1) } };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    return { fault: { message: (cause as Error).message, from: 0, to: text.length } };
  }
  const wrong = unreadable(value);
  if (wrong === undefined) return { chain: value as Chain };
  const [from, to] = rangeAt(document, wrong.path) ?? [0, Math.min(text.length, 1)];
  return {
    fault: { message: `${wrong.path.join(".")}: ${wrong.need}`.replace(/^: /, ""), from, to },
  };
}

export function writeYaml(chain: Chain): string {
  return stringify(chain, WRITING);
}

/** Return a text that says what a chain is now, with as much of the old text as still holds. */
export function patchYaml(text: string, chain: Chain): string {
  const document = parseDocument(text);
  if (document.errors.length > 0 || !isMap(document.contents)) return writeYaml(chain);
  document.contents = merged(document, document.contents, chain) as typeof document.contents;
  const written = document.toString(WRITING);
  const again = readYaml(written); // anchors and merges may say more than was meant
  return again.chain && same(again.chain, chain) ? written : writeYaml(chain);
}

function merged(document: Document, node: unknown, value: unknown): unknown {
  if (isMap(node) && isObject(value)) {
    const keys = new Set(Object.keys(value).filter((key) => value[key] !== undefined));
    for (const key of node.items.map((pair) => keyOf(pair.key))) {
      if (!keys.has(key)) node.delete(key);
    }
    for (const key of keys) {
      const old = node.get(key, true);
      node.set(
        key,
        old === undefined ? created(document, value[key]) : merged(document, old, value[key]),
      );
    }
    return node;
  }
  if (isSeq(node) && Array.isArray(value)) {
    const before = node.items as Node[];
    const byId = new Map(before.map((item) => [idOf(item), item]));
    node.items = value.map((item: unknown, at) => {
      const id = isObject(item) && typeof item.task_id === "string" ? item.task_id : undefined;
      const old = id === undefined ? before[at] : (byId.get(id) ?? undefined);
      return old === undefined ? created(document, item) : merged(document, old, item);
    });
    return node;
  }
  if (isScalar(node) && (value === null || typeof value !== "object")) {
    if (node.value === value) return node;
    const next = document.createNode(value) as Node;
    if (isScalar(next)) {
      if (node.comment != null) next.comment = node.comment;
      if (node.commentBefore != null) next.commentBefore = node.commentBefore;
    }
    return next;
  }
  return created(document, value);
}

function created(document: Document, value: unknown): Node {
  return document.createNode(value) as Node;
}

function keyOf(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

function idOf(item: unknown): string | undefined {
  const id: unknown = isMap(item) ? item.get("task_id") : undefined;
  return typeof id === "string" ? id : undefined;
}

/** Return where a path is in a text, or its nearest place above that is there. */
export function rangeOf(text: string, path: Path): [number, number] {
  const document = parseDocument(text);
  for (let depth = path.length; depth > 0; depth -= 1) {
    const range = rangeAt(document, path.slice(0, depth));
    if (range !== undefined) return range;
  }
  return [0, Math.min(text.length, text.indexOf("\n") + 1 || text.length)];
}

function rangeAt(document: Document, path: Path): [number, number] | undefined {
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  if (!isNode(node) || node.range == null) return undefined;
  if (isScalar(node)) return [node.range[0], Math.max(node.range[1], node.range[0] + 1)];
  // Of a block, its name says where it is.
  const holder: unknown =
    path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(holder)) {
    const pair = holder.items.find((item) => keyOf(item.key) === String(last));
    if (isScalar(pair?.key) && pair.key.range) return [pair.key.range[0], pair.key.range[1]];
  }
  const id = isMap(node) ? node.get("task_id", true) : undefined;
  if (isScalar(id) && id.range) return [id.range[0], id.range[1]];
  return [node.range[0], node.range[0] + 1];
}

/** Whether two documents say the same. */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  return Object.fromEntries(keys.sort().map((key) => [key, sorted(value[key])]));
}
