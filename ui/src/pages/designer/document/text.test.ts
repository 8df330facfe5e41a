import { beforeEach, describe, expect, it } from "vitest";

import { withConfig, type Chain } from "@/pages/designer/document/chain";
import { fieldOf, placed } from "@/pages/designer/document/faults";
import { kinds } from "@/pages/designer/document/known";
import {
  edit,
  EMPTY,
  isChanged,
  move,
  open,
  redo,
  select,
  tidy,
  type,
  undo,
  useDesigner,
} from "@/pages/designer/document/store";
import { removeTasks } from "@/pages/designer/document/tasks";
import { patchYaml, rangeOf, readYaml, same, writeYaml } from "@/pages/designer/document/yaml";

const TEXT = `# why this chain is
chain_name: Scoring   # short
tasks:
  # first of all
  - task_id: psi
    task_type: psi
    task_params:
      task_config:
        keys: {alice: [uid], bob: [id]}   # both unique
        input_paths:
          alice: /srv/alice/customers.csv
  - task_id: scale
    task_type: standard_scaler
    depends_on: [psi]
    task_params:
      task_config:
        with_mean: true  # or not
        input_data:
          alice: \${tasks.psi.result.output_paths.alice}
options:
  parties: [alice, bob]
`;
const chain = readYaml(TEXT).chain!;

describe("YAML", () => {
  it("says the same again after a change of nothing", () => {
    expect(readYaml(patchYaml(TEXT, chain)).chain).toEqual(chain);
    expect(readYaml(writeYaml(chain)).chain).toEqual(chain);
  });

  it("keeps its comments where the picture changes something else", () => {
    const changed = withConfig(chain, "scale", ["with_mean"], false);
    const text = patchYaml(TEXT, changed);
    expect(readYaml(text).chain).toEqual(changed);
    for (const comment of ["# why this chain is", "# short", "# first of all", "# both unique"]) {
      expect(text).toContain(comment);
    }
    expect(text).toContain("with_mean: false # or not");
  });

  it("keeps the comments of the tasks that stay when one goes", () => {
    const text = patchYaml(TEXT, removeTasks(chain, kinds, ["psi"]));
    expect(text).toContain("# or not");
    expect(readYaml(text).chain!.tasks.map((task) => task.task_id)).toEqual(["scale"]);
  });

  it.each([
    ["no YAML", "a: [1", 5],
    ["a name twice", "chain_name: a\nchain_name: b\n", 14],
    ["a task without an id", "chain_name: a\ntasks:\n  - task_type: psi\n", 0],
    ["an id twice", TEXT.replace("task_id: scale", "task_id: psi"), 0],
  ])("says where the fault is of %s", (_, text, from) => {
    const { fault } = readYaml(text);
    expect(fault).toBeDefined();
    expect(fault!.from).toBeGreaterThanOrEqual(from);
    expect(fault!.to).toBeGreaterThan(fault!.from);
    expect(fault!.to).toBeLessThanOrEqual(text.length + 1);
  });

  it("finds the place of a path, or of what is above it", () => {
    const at = (...path: (string | number)[]) => TEXT.slice(...rangeOf(TEXT, path));
    expect(at("tasks", 1, "task_params", "task_config", "with_mean")).toBe("true");
    expect(at("tasks", 1, "task_params", "task_config", "missing")).toBe("task_config");
    expect(at("tasks", 1)).toBe("scale");
    expect(at("options")).toBe("options");
  });

  it("never calls two different documents the same", () => {
    expect(same({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
    expect(same({ a: 1 }, { a: "1" })).toBe(false);
    expect(same([1, 2], [2, 1])).toBe(false);
  });
});

describe("the designer's work", () => {
  beforeEach(() => open(EMPTY));
  const now = () => useDesigner.getState();
  const rename = (name: string) => edit((each: Chain) => ({ ...each, chain_name: name }));

  it("is undone and redone, text and picture together", () => {
    rename("one");
    rename("two");
    undo();
    expect(now().draft.chain.chain_name).toBe("one");
    expect(now().draft.text).toContain("one");
    redo();
    expect(now().draft.chain.chain_name).toBe("two");
    undo();
    rename("three");
    redo();
    expect(now().draft.chain.chain_name).toBe("three");
  });

  it("takes what is typed into one field as one step", () => {
    for (const name of ["a", "ab", "abc"]) {
      edit((each) => ({ ...each, chain_name: name }), { mark: "name" });
    }
    undo();
    expect(now().draft.chain.chain_name).toBe(EMPTY.chain_name);
  });

  it("leaves the picture as it was while the text cannot be read", () => {
    type(TEXT);
    type(TEXT.replace("options:", "options: ["));
    expect(now().draft.chain.tasks).toHaveLength(2);
    expect(now().draft.fault).toBeDefined();
    expect(isChanged(now())).toBe(true);
    type(TEXT);
    expect(now().draft.fault).toBeUndefined();
  });

  it("gives back an unreadable text that a change of the picture replaced", () => {
    type(TEXT);
    const broken = `${TEXT}  more: [`;
    type(broken);
    rename("other");
    expect(now().draft.fault).toBeUndefined();
    undo();
    expect(now().draft.text).toBe(broken);
  });

  it("knows what is not saved", () => {
    expect(isChanged(now())).toBe(false);
    rename("other");
    expect(isChanged(now())).toBe(true);
    rename(EMPTY.chain_name);
    expect(isChanged(now())).toBe(false);
  });

  it("keeps places by hand until it is tidied", () => {
    type(TEXT);
    move({ psi: { x: 5, y: 5 } }, { psi: { x: 0, y: 0 }, scale: { x: 0, y: 100 } });
    expect(now().draft.places).toEqual({ psi: { x: 5, y: 5 }, scale: { x: 0, y: 100 } });
    tidy();
    expect(now().draft.places).toBeUndefined();
    undo();
    expect(now().draft.places).toBeDefined();
  });

  it("selects no task that is gone", () => {
    type(TEXT);
    select(["psi", "scale"]);
    edit((each) => removeTasks(each, kinds, ["psi"]));
    expect(now().selected).toEqual(["scale"]);
  });
});

describe("faults", () => {
  it("are placed at their task and field", () => {
    const [fault] = placed(chain, [
      { path: "tasks.1.task_params.task_config.with_mean", message: "no", code: "CONFIG_INVALID" },
    ]);
    expect(fault!.task).toBe("scale");
    expect(fieldOf(fault!)).toBe("with_mean");
  });

  it("find names with dots in them", () => {
    const dotted = withConfig(chain, "scale", ["method"], { "a.b": "mean" });
    const [fault] = placed(dotted, [
      { path: "tasks.1.task_params.task_config.method.a.b", message: "no", code: "X" },
    ]);
    expect(fault!.path.at(-1)).toBe("a.b");
  });
});
