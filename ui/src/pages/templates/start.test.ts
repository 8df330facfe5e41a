import { expect, it } from "vitest";
import { parse } from "yaml";

import { templateOf } from "./start";

it("makes a template of a chain, whose document is otherwise the same", () => {
  const chain = "chain_name: Credit & risk, Q3\ntasks:\n  - task_id: psi\n    task_type: psi\n";
  const template = parse(templateOf(chain)) as Record<string, unknown>;
  expect(template).toMatchObject({
    name: "credit_risk_q3",
    title: "Credit & risk, Q3",
    document: { chain_name: "${param.name}", tasks: [{ task_id: "psi", task_type: "psi" }] },
  });
});

it("finds a name where the chain's has no letter that fits", () => {
  expect(parse(templateOf("chain_name: 求交\ntasks: []\n"))).toMatchObject({ name: "my_template" });
});
