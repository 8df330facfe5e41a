import { LineCounter, parseDocument } from "yaml";

/** The line of a YAML text at which a fault's place stands (`tasks.2.depends_on.0`), from 1. */
export function lineOf(text: string, path: string): number | undefined {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  let place = path === "" ? [] : path.split(".");
  // A field that is missing has no place of its own; what should hold it has.
  while (place.length > 0) {
    const keys = place.map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    const node = document.getIn(keys, true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return counter.linePos(node.range[0]).line;
    place = place.slice(0, -1);
  }
  const broken = document.errors[0];
  return broken ? counter.linePos(broken.pos[0]).line : undefined;
}
