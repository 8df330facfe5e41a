import { expect, it } from "vitest";

import { lineOf } from "./lines";

const text = `chain_name: a
tasks:
  - task_id: psi
    task_type: psi
  - task_id: lr
    depends_on:
      - psi
      - scale
`;

it("finds the line of a place", () => {
  expect(lineOf(text, "chain_name")).toBe(1);
  expect(lineOf(text, "tasks.1.task_id")).toBe(5);
  expect(lineOf(text, "tasks.1.depends_on.1")).toBe(8);
});

it("finds what should hold a field that is missing", () => {
  expect(lineOf(text, "tasks.1.task_type")).toBe(5);
  expect(lineOf(text, "options.parties")).toBeUndefined();
});

it("finds where the YAML itself breaks", () => {
  expect(lineOf("a: 1\nb: [1, 2\nc: 3\n", "")).toBeGreaterThanOrEqual(2);
});
