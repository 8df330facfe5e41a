import { readdirSync, readFileSync } from "node:fs";

import { expect, it } from "vitest";
import { parse, parseDocument } from "yaml";

import { sayingOf, type Catalogue } from "@/words/saying";
import { descriptions, disclosures, errors, say } from "@/words/zh/server";

const folder = "../src/secretflow_worker/orchestrator/templates/";

interface BuiltIn {
  readonly title: string;
  readonly description: string;
  readonly parameters: readonly { readonly description: string }[];
}

/** What Python says: ``scripts/write_sentences.py`` writes it before each test. */
interface Sentences {
  readonly facts: readonly Record<"type" | "who" | "what" | "about" | "when", string>[];
  readonly descriptions: readonly string[];
  readonly hints: Readonly<Record<string, string>>;
  readonly texts: readonly string[];
}

const {
  facts,
  descriptions: told,
  hints,
  texts,
} = JSON.parse(readFileSync("sentences.json", "utf-8")) as Sentences;

it.each(readdirSync(folder))("says all of %s in Chinese", (name) => {
  const template = parse(readFileSync(folder + name, "utf-8")) as BuiltIn;
  const texts = [
    template.title,
    template.description,
    ...template.parameters.map((parameter) => parameter.description),
  ];
  expect(texts.filter((text) => !(text in errors.templates))).toEqual([]);
});

it("says every fact of every task type in Chinese", () => {
  const { who, about, when } = disclosures;
  const what = { ...disclosures.facts, ...disclosures.learning };
  expect(facts.length).toBeGreaterThan(100);
  const left = facts.filter(
    (fact) =>
      !(fact.what in what) ||
      !(fact.who in who) ||
      !(fact.about in about) ||
      !(fact.when === "" || fact.when in when),
  );
  expect(left).toEqual([]);
});

it("knows no fact that no task type has", () => {
  const known = new Set(facts.flatMap((fact) => [fact.who, fact.what, fact.about, fact.when]));
  const all = Object.values(disclosures).flatMap((catalogue) => Object.keys(catalogue));
  expect(all.filter((fact) => !known.has(fact))).toEqual([]);
});

it("says in Chinese what every field of every task type is for", () => {
  const known = { ...descriptions.fields, ...descriptions.params };
  expect(told.filter((text) => !(text in known))).toEqual([]);
  expect(Object.keys(known).filter((text) => !told.includes(text))).toEqual([]);
});

it("says in Chinese what to do about every code", () => {
  expect(Object.values(hints).filter((hint) => hint !== "" && !(hint in errors.hints))).toEqual([]);
});

it("translates hardly a sentence that nobody says any more", () => {
  const elsewhere: Catalogue[] = [errors.templates, errors.values, errors.yaml];
  const own = Object.values(errors).filter((catalogue) => !elsewhere.includes(catalogue));
  const all = own.flatMap((catalogue) => Object.keys(catalogue));
  const stale = all.filter((key) => !isSaid(key));
  // Python puts some together from parts, and who rewords one need not know the other language.
  expect(stale.length, stale.join("\n")).toBeLessThan(all.length / 12);
});

function isSaid(key: string): boolean {
  const longest = key.split("{}").reduce((one, other) => (other.length > one.length ? other : one));
  const near = texts.filter((text) => text.includes(longest));
  if (!key.includes(" ")) return near.length > 0;
  const hears = sayingOf({ [key]: "✓" });
  return near.some((text) => hears(text).endsWith("✓") || hears(`${text}{}`).endsWith("✓"));
}

it("says what the editor finds wrong with a text", () => {
  for (const text of ["a: 1\na: 2", "a: [1", 'a: "b', "a:\n\t- b", "- a\nb: c", "a: b: c"]) {
    const [fault] = parseDocument(text).errors;
    const message = fault?.message.split("\n")[0]?.replace(/ at line .*$/, "") ?? "";
    expect(say(message)).not.toBe(message);
  }
});

it.each([
  [
    "task_config.label_party: 'eve' is not a party of this task",
    "task_config.label_party：'eve' 不是此任务的参与方",
  ],
  [
    "keys: required field is missing; params.epochs: Input should be greater than 0",
    "keys：缺少必填字段；params.epochs：必须大于 0",
  ],
  [
    "there is a cycle, each waits for the next: a -> b -> a",
    "存在循环依赖，每个都在等待下一个：a -> b -> a",
  ],
  [
    "train.csv: column 'age' must be all numbers and holds text",
    "train.csv：列 'age' 必须全为数值，但含有文本",
  ],
  [
    "train.csv: no column 'x', 'y', which the request names",
    "train.csv：没有请求所指的列 'x', 'y'",
  ],
  [
    "party bob ended the task with PEER_LOST; its own worker has the details",
    "参与方 bob 以 PEER_LOST 结束了任务；详情见其自己的 worker",
  ],
  [
    "the policy of party bob refuses: tasks.allow does not allow task type psi@1; and 3 more",
    "参与方 bob 的策略拒绝：tasks.allow 不允许任务类型 psi@1；另有 3 项",
  ],
  ["statistics may go to: every party, receiver", "统计结果可告知：每一方、receiver"],
  ["Input should be a valid string or a valid list", "必须是文本或列表"],
  [
    "task_config: psi: nobody knows this; keys: unknown field",
    "task_config：psi：nobody knows this；keys：未知字段",
  ],
])("says %s", (english, chinese) => {
  expect(say(english)).toBe(chinese);
});

it("leaves what it does not know", () => {
  for (const text of [
    "",
    "a new sentence",
    "the label of the bank is the label",
    "x".repeat(5000),
  ]) {
    expect(say(text)).toBe(text);
  }
});
