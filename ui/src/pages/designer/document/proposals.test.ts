import { expect, it } from "vitest";

import { slug } from "@/pages/designer/document/proposals";

it("makes a folder's name of a chain's name", () => {
  expect(slug("Credit scoring, 2026!")).toBe("credit-scoring-2026");
  expect(slug("  ")).toBe("chain");
});

it("keeps the folders of names in other scripts apart", () => {
  const names = ["信用评分", "欺诈筛查", "信用评分 2026", "欺诈筛查 2026"];
  expect(new Set(names.map(slug)).size).toBe(names.length);
  for (const name of names) expect(slug(name)).toMatch(/^[a-z0-9-]+$/);
  expect(slug(" 信用评分 ")).toBe(slug("信用评分"));
});
