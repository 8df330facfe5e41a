import { create } from "zustand";

import type { Place, Places } from "@/graph/model";
import type { Chain, Task } from "@/pages/designer/document/chain";
import {
  patchYaml,
  readYaml,
  same,
  writeYaml,
  type TextFault,
} from "@/pages/designer/document/yaml";

/** One state of the work: what undo goes back to. */
export interface Draft {
  /** What the picture shows: the last text that could be read. */
  readonly chain: Chain;
  /** The YAML; where it has a fault it says something else than the picture. */
  readonly text: string;
  readonly fault: TextFault | undefined;
  /** Where tasks were put by hand; undefined: laid out by themselves. */
  readonly places: Places | undefined;
}

interface Designer {
  readonly draft: Draft;
  readonly past: readonly Draft[];
  readonly future: readonly Draft[];
  /** What the last change was about; the same again soon after is the same step of undo. */
  readonly mark: string | undefined;
  readonly markedAt: number;
  readonly saved: Chain;
  readonly selected: readonly string[];
  readonly copied: readonly Task[];
  /** Grows whenever the whole picture is to be shown. */
  readonly fit: number;
}

export const EMPTY: Chain = {
  chain_name: "New chain",
  tasks: [],
  options: { parties: ["alice", "bob"] },
};
const STEPS = 200;
const SAME_STEP_MS = 1500;

export const useDesigner = create<Designer>(() => opened(EMPTY));

function opened(chain: Chain, draft?: Partial<Draft>): Designer {
  return {
    draft: { chain, text: writeYaml(chain), fault: undefined, places: undefined, ...draft },
    past: [],
    future: [],
    mark: undefined,
    markedAt: 0,
    saved: chain,
    selected: [],
    copied: [],
    fit: 0,
  };
}

/** Begin with a chain, and with what was left unsaved of it. */
export function open(chain: Chain, draft?: Partial<Draft>): void {
  const { copied, fit } = useDesigner.getState();
  useDesigner.setState({ ...opened(chain, draft), copied, fit: fit + 1 });
}

interface Options {
  /** What is changed; consecutive changes of the same are one step of undo. */
  readonly mark?: string;
  readonly places?: Places | undefined;
  readonly select?: readonly string[];
}

/** Change the chain by the picture or a form; the text follows. */
export function edit(change: (chain: Chain) => Chain, options: Options = {}): void {
  const { draft } = useDesigner.getState();
  const chain = change(draft.chain);
  if (chain === draft.chain && !("places" in options)) return;
  const base = draft.fault === undefined ? draft.text : writeYaml(draft.chain);
  keep(
    {
      chain,
      text: chain === draft.chain ? draft.text : patchYaml(base, chain),
      fault: chain === draft.chain ? draft.fault : undefined,
      places: "places" in options ? options.places : draft.places,
    },
    options.mark,
  );
  if (options.select) select(options.select);
}

/** Take a text as typed; the picture follows wherever the text can be read. */
export function type(text: string): void {
  const { draft } = useDesigner.getState();
  if (text === draft.text) return;
  const read = readYaml(text);
  keep({ ...draft, text, chain: read.chain ?? draft.chain, fault: read.fault }, "text");
}

/** Move tasks; from then on all tasks stay where they were put. */
export function move(places: Places, all: Places): void {
  edit((chain) => chain, { places: { ...all, ...places }, mark: "move" });
}

/** Let the layout place the tasks again. */
export function tidy(): void {
  edit((chain) => chain, { places: undefined });
  useDesigner.setState((now) => ({ fit: now.fit + 1 }));
}

function keep(draft: Draft, mark: string | undefined): void {
  const now = useDesigner.getState();
  const at = Date.now();
  const isSameStep = mark !== undefined && mark === now.mark && at - now.markedAt < SAME_STEP_MS;
  useDesigner.setState({
    draft,
    past: isSameStep ? now.past : [...now.past, now.draft].slice(-STEPS),
    future: [],
    mark,
    markedAt: at,
    selected: known(draft, now.selected),
  });
}

export function undo(): void {
  const { draft, past, future, selected } = useDesigner.getState();
  const before = past.at(-1);
  if (before === undefined) return;
  useDesigner.setState({
    draft: before,
    past: past.slice(0, -1),
    future: [draft, ...future],
    mark: undefined,
    selected: known(before, selected),
  });
}

export function redo(): void {
  const { draft, past, future, selected } = useDesigner.getState();
  const [next, ...later] = future;
  if (next === undefined) return;
  useDesigner.setState({
    draft: next,
    past: [...past, draft],
    future: later,
    mark: undefined,
    selected: known(next, selected),
  });
}

export function select(ids: readonly string[]): void {
  useDesigner.setState({ selected: ids });
}

export function keepCopied(copied: readonly Task[]): void {
  useDesigner.setState({ copied });
}

/** Tell that a chain is stored now as a version; more may have been changed meanwhile. */
export function stored(chain: Chain): void {
  useDesigner.setState({ saved: chain });
}

/** Whether there is something that is not saved. */
export function isChanged({ draft, saved }: Pick<Designer, "draft" | "saved">): boolean {
  return draft.fault !== undefined || (draft.chain !== saved && !same(draft.chain, saved));
}

/** A selected task that is gone is selected no more; edges come and go with their tasks. */
function known(draft: Draft, ids: readonly string[]): readonly string[] {
  const tasks = new Set(draft.chain.tasks.map((task) => task.task_id));
  const left = ids.filter((id) => tasks.has(id) || id.includes(">"));
  return left.length === ids.length ? ids : left;
}

/** A place for a new task: below the one it follows, else right of all, where nothing is yet. */
export function freePlace(all: Places, after: string | undefined): Place {
  const taken = Object.values(all);
  const from = after === undefined ? undefined : all[after];
  const start = from
    ? { x: from.x, y: from.y + 120 }
    : { x: 0, y: Math.max(-120, ...taken.map((place) => place.y)) + 120 };
  let place: Place = start;
  const isTaken = () =>
    taken.some((each) => Math.abs(each.x - place.x) < 240 && Math.abs(each.y - place.y) < 70);
  while (isTaken()) place = { x: place.x + 272, y: place.y };
  return place;
}
