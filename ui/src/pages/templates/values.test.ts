import { expect, it } from "vitest";

import type { Parameter } from "@/api/templates";

import { exampleOf, firstOf, isJsonOf, valuesOf } from "./values";

const parameter = (type: Parameter["type"], more: Partial<Parameter> = {}): Parameter => ({
  name: type,
  type,
  description: "",
  default: null,
  example: null,
  ...more,
});

it("leaves what is empty to its default", () => {
  const all = (["party", "columns", "integer", "boolean", "text"] as const).map((type) =>
    parameter(type),
  );
  expect(valuesOf(all, { party: " ", columns: [], integer: null, text: "" })).toEqual({ text: "" });
});

it("keeps zero and false, which are values", () => {
  const all = [parameter("integer"), parameter("boolean")];
  expect(valuesOf(all, { integer: 0, boolean: false })).toEqual({ integer: 0, boolean: false });
});

it("reads lists and objects from their text", () => {
  const list = parameter("list", { default: [1, 2] });
  expect(valuesOf([list], { list: firstOf(list) })).toEqual({ list: [1, 2] });
  expect(isJsonOf(list, "[1]")).toBe(true);
  expect(isJsonOf(list, "{}")).toBe(false);
  expect(isJsonOf(parameter("object"), '{"a": 1}')).toBe(true);
  expect(isJsonOf(parameter("object"), "null")).toBe(false);
  expect(isJsonOf(parameter("object"), "{")).toBe(false);
});

it("shows an example as one would type it", () => {
  expect(exampleOf(parameter("columns", { example: ["age", "income"] }))).toBe("age, income");
  expect(exampleOf(parameter("path", { example: "/data/a.csv" }))).toBe("/data/a.csv");
  expect(exampleOf(parameter("number"))).toBeUndefined();
});
