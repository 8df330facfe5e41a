import { readdirSync, readFileSync } from "node:fs";

import { expect, it } from "vitest";
import { parse } from "yaml";

import { server } from "@/words/zh/server";

const folder = "../src/secretflow_worker/orchestrator/templates/";

interface BuiltIn {
  readonly title: string;
  readonly description: string;
  readonly parameters: readonly { readonly description: string }[];
}

it.each(readdirSync(folder))("says all of %s in Chinese", (name) => {
  const template = parse(readFileSync(folder + name, "utf-8")) as BuiltIn;
  const texts = [
    template.title,
    template.description,
    ...template.parameters.map((parameter) => parameter.description),
  ];
  expect(texts.filter((text) => !(text in server))).toEqual([]);
});
