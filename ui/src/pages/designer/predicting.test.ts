import { expect, it } from "vitest";

import type { Model } from "@/api/models";
import { unreadable } from "@/pages/designer/document/chain";
import { readYaml, writeYaml } from "@/pages/designer/document/yaml";

import { predictingWith } from "./predicting";

const MODEL = {
  task_type: "ss_lr",
  parties: ["bank", "retailer"],
  holders: { bank: "/data/bank/lr_model", retailer: "/data/retailer/lr_model" },
  parameters: { label: "y", label_party: "bank", id_columns: { bank: ["id"] } },
} as unknown as Model;

it("predicts by every holder's share, for the party that has the label", () => {
  const chain = predictingWith(MODEL, "Predict with ss_lr");
  expect(unreadable(chain)).toBeUndefined();
  expect(readYaml(writeYaml(chain)).chain).toEqual(chain);
  expect(chain.options).toEqual({ parties: ["bank", "retailer"] });
  expect(chain.tasks[0]?.task_params.task_config).toEqual({
    model: MODEL.holders,
    receiver: "bank",
    id_columns: { bank: ["id"] },
  });
});

it("names the receiver that the training named", () => {
  const model = { ...MODEL, parameters: { prediction_receiver: "retailer" } };
  const config = predictingWith(model, "p").tasks[0]?.task_params.task_config;
  expect(config).toEqual({ model: MODEL.holders, receiver: "retailer" });
});
