import { describe, expect, it } from "vitest";

import {
  configOf,
  findTask,
  partiesOf,
  withConfig,
  type Chain,
} from "@/pages/designer/document/chain";
import { columnsOfTask } from "@/pages/designer/document/columns";
import { join, refusal, unjoin } from "@/pages/designer/document/connect";
import { edgesOf } from "@/pages/designer/document/edges";
import { kinds, offers } from "@/pages/designer/document/known";
import { settled } from "@/pages/designer/document/proposals";
import { EMPTY } from "@/pages/designer/document/store";
import {
  addTask,
  copyTasks,
  pasteTasks,
  removeTasks,
  renameTask,
} from "@/pages/designer/document/tasks";

const known = { kinds, offers };
const typed = (name: string) => kinds.get(name)!;
const config = (chain: Chain, id: string) =>
  configOf(findTask(chain, id)!) as Record<string, never>;

/** PSI, scaler, regression, evaluation, each following the one before, as Enter adds them. */
function drawn(): Chain {
  let chain = addTask(EMPTY, typed("psi"), known).chain;
  chain = withConfig(chain, "psi", ["input_paths"], {
    alice: "/srv/alice/customers.csv",
    bob: "/srv/bob/members.csv",
  });
  chain = withConfig(chain, "psi", ["keys"], { alice: ["uid"], bob: ["id"] });
  for (const [name, after] of [
    ["standard_scaler", "psi"],
    ["ss_lr", "standard_scaler"],
    ["biclassification_eval", "ss_lr"],
  ] as const) {
    chain = addTask(chain, typed(name), known, after).chain;
  }
  return chain;
}

describe("a new task", () => {
  it("has places for what it writes, beside the party's own tables", () => {
    const { chain, id } = addTask(EMPTY, typed("psi"), known);
    expect(id).toBe("psi");
    expect(config(chain, "psi").output_paths).toEqual({
      alice: "/srv/alice/new-chain/psi_alice.csv",
      bob: "/srv/bob/new-chain/psi_bob.csv",
    });
  });

  it("gets an id of its own", () => {
    const { chain } = addTask(EMPTY, typed("psi"), known);
    expect(addTask(chain, typed("psi"), known).id).toBe("psi_2");
  });

  it("takes what the task before it writes", () => {
    const chain = drawn();
    expect(config(chain, "standard_scaler").input_data).toEqual({
      alice: "${tasks.psi.result.output_paths.alice}",
      bob: "${tasks.psi.result.output_paths.bob}",
    });
    expect(findTask(chain, "standard_scaler")!.depends_on).toEqual(["psi"]);
  });

  it("knows keys from the intersection, and the label's party by its column", () => {
    const lr = config(drawn(), "ss_lr");
    expect(lr.id_columns).toEqual({ alice: ["uid"], bob: ["id"] });
    expect([lr.label_party, lr.label]).toEqual(["alice", "y"]);
  });

  it("works on numbers that are neither keys nor labels", () => {
    const numbers = { alice: ["age", "income"], bob: ["visits"] };
    expect(config(drawn(), "ss_lr").features).toEqual(numbers);
    expect(config(drawn(), "standard_scaler").columns).toEqual(numbers);
  });

  it("moves what was proposed blindly once a party's table is chosen", () => {
    const { chain } = addTask(EMPTY, typed("psi"), { kinds, offers: {} });
    const after = settled(chain, kinds, {}, "alice", "/mnt/a/customers.csv");
    expect(config(after, "psi").output_paths).toEqual({
      alice: "/mnt/a/new-chain/psi_alice.csv",
      bob: "/data/bob/new-chain/psi_bob.csv",
    });
  });
});

it("moves what was proposed by another table that the party offers", () => {
  const both = { bob: [...offers.alice!, ...offers.bob!] };
  const { chain } = addTask(EMPTY, typed("psi"), { kinds, offers: both });
  const after = settled(chain, kinds, both, "bob", "/srv/bob/members.csv");
  expect(config(after, "psi").output_paths).toMatchObject({
    alice: "/data/alice/new-chain/psi_alice.csv",
    bob: "/srv/bob/new-chain/psi_bob.csv",
  });
});

describe("edges", () => {
  it("name what they carry", () => {
    const carried = edgesOf(drawn(), kinds).map((edge) => [edge.from, edge.to, edge.kind]);
    expect(carried).toContainEqual(["psi", "standard_scaler", "table"]);
    expect(carried).toContainEqual(["standard_scaler", "ss_lr", "table"]);
  });

  it("show mere order, and what a condition speaks of", () => {
    const chain = drawn();
    const waiting: Chain = {
      ...chain,
      tasks: chain.tasks.map((task) =>
        task.task_id === "biclassification_eval"
          ? { ...task, when: "tasks.psi.result.intersection_count > 10" }
          : task,
      ),
    };
    expect(edgesOf(waiting, kinds)).toContainEqual({
      from: "psi",
      to: "biclassification_eval",
      kind: "order",
    });
  });

  it("are refused between wrong kinds, backwards, and to the task itself", () => {
    const chain = drawn();
    const joint = (from: string, fromPort: string, to: string, toPort: string) =>
      refusal(chain, kinds, { from, fromPort, to, toPort });
    expect(joint("psi", "output_paths", "ss_lr", "base_model")).toEqual({
      why: "kind",
      gives: "table",
      takes: "model",
    });
    expect(joint("standard_scaler", "output_data", "psi", "input_paths")?.why).toBe("cycle");
    expect(joint("psi", "output_paths", "psi", "input_paths")?.why).toBe("same");
    expect(joint("psi", "output_paths", "ss_lr", "train_data")).toBeUndefined();
  });

  it("to test data make the predictions' place be proposed", () => {
    const joint = {
      from: "standard_scaler",
      fromPort: "output_data",
      to: "ss_lr",
      toPort: "test_data",
    };
    const chain = join(drawn(), kinds, offers, joint);
    expect(config(chain, "ss_lr").prediction_output).toEqual({
      alice: "/srv/alice/new-chain/ss_lr_predictions.csv",
    });
  });

  it("to an evaluation bring the label's and the prediction's column", () => {
    const chain = drawn();
    expect(config(chain, "biclassification_eval")).toMatchObject({
      prediction_data: { alice: "${tasks.ss_lr.result.prediction_output}" },
      label_column: "y",
      prediction_column: "pred_prob",
    });
    expect(config(chain, "ss_lr").test_data).toEqual(config(chain, "ss_lr").train_data);
  });

  it("leave nothing behind when they go", () => {
    const chain = drawn();
    const edge = edgesOf(chain, kinds).find((each) => each.to === "standard_scaler")!;
    const open = unjoin(chain, edge);
    expect(config(open, "standard_scaler").input_data).toBeUndefined();
    expect(findTask(open, "standard_scaler")!.depends_on).toEqual([]);
  });
});

describe("columns", () => {
  it("are known through the tasks between", () => {
    const chain = drawn();
    const names = (id: string, party: string) =>
      columnsOfTask({ chain, kinds, offers }, findTask(chain, id)!, party)?.map(
        (each) => each.name,
      );
    expect(names("ss_lr", "bob")).toEqual(["id", "visits"]);
    expect(names("biclassification_eval", "alice")).toEqual(["uid", "y", "pred_prob"]);
    expect(names("psi", "carol")).toBeUndefined();
  });
});

describe("a task", () => {
  it("is renamed wherever it is spoken of, and its files with it", () => {
    const when: Chain = { ...drawn() };
    const last = when.tasks.at(-1)!;
    const chain = renameTask(
      { ...when, tasks: [...when.tasks.slice(0, -1), { ...last, when: "tasks.psi.result.x > 1" }] },
      kinds,
      "psi",
      "in-common",
    );
    expect(config(chain, "standard_scaler").input_data).toMatchObject({
      alice: "${tasks.in-common.result.output_paths.alice}",
    });
    expect(findTask(chain, "standard_scaler")!.depends_on).toEqual(["in-common"]);
    expect(chain.tasks.at(-1)!.when).toBe('tasks["in-common"].result.x > 1');
    expect(config(chain, "in-common").output_paths).toMatchObject({
      alice: "/srv/alice/new-chain/in-common_alice.csv",
    });
  });

  it("keeps its name where the new one is taken or is none", () => {
    const chain = drawn();
    expect(renameTask(chain, kinds, "psi", "ss_lr")).toBe(chain);
    expect(renameTask(chain, kinds, "psi", "a b")).toBe(chain);
  });

  it("is removed with all that others took from it", () => {
    const chain = removeTasks(drawn(), kinds, ["psi"]);
    expect(JSON.stringify(chain)).not.toContain("tasks.psi");
    expect(findTask(chain, "standard_scaler")!.depends_on).toEqual([]);
  });

  it("is pasted under a new id, joined to its copies, and writes elsewhere", () => {
    const chain = drawn();
    const { chain: pasted, ids } = pasteTasks(
      chain,
      kinds,
      copyTasks(chain, ["standard_scaler", "ss_lr"]),
    );
    expect(ids).toEqual(["standard_scaler_2", "ss_lr_2"]);
    expect(config(pasted, "ss_lr_2").train_data).toMatchObject({
      alice: "${tasks.standard_scaler_2.result.output_paths.alice}",
    });
    expect(config(pasted, "ss_lr_2").model_output).toMatchObject({
      alice: "/srv/alice/new-chain/ss_lr_2_alice_model",
    });
    expect(config(pasted, "standard_scaler_2").input_data).toMatchObject({
      alice: "${tasks.psi.result.output_paths.alice}",
    });
  });

  it("pasted into another chain takes nothing that is not there", () => {
    const { chain } = pasteTasks(EMPTY, kinds, copyTasks(drawn(), ["ss_lr"]));
    expect(config(chain, "ss_lr").train_data).toBeUndefined();
    expect(partiesOf(chain)).toEqual(["alice", "bob"]);
  });
});
