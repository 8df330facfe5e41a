import { expect, it } from "vitest";

import { inLanguage, readMarkdown, spansOf } from "./markdown";
import { codes, meanings, pageOf } from "./pages";

const TEXT = "# CODE\n\nIt is `so`\nand so.\n\n- one\n- [two](x.md)\n\n## 中文\n\n是的。\n";

it("reads headings, paragraphs, code and lists", () => {
  const blocks = readMarkdown(TEXT);
  expect(blocks.map((block) => block.kind)).toEqual([
    "heading",
    "paragraph",
    "list",
    "heading",
    "paragraph",
  ]);
  expect(blocks[1]).toMatchObject({
    words: [
      { text: "It is ", isCode: false },
      { text: "so", isCode: true },
      { text: " and so.", isCode: false },
    ],
  });
  expect(blocks[2]).toMatchObject({ items: [[{ text: "one" }], [{ text: "two" }]] });
});

it("is in one language at a time", () => {
  const blocks = readMarkdown(TEXT);
  expect(inLanguage(blocks, "en")).toHaveLength(3);
  expect(inLanguage(blocks, "zh").map((block) => block.kind)).toEqual(["heading", "paragraph"]);
});

it("knows a page for every code of the documentation, in both languages", async () => {
  expect(codes).toContain("PEER_LOST");
  for (const code of codes) {
    const blocks = readMarkdown((await pageOf(code)) ?? "");
    expect(blocks[0]).toMatchObject({ kind: "heading", level: 1, words: [{ text: code }] });
    expect(inLanguage(blocks, "zh").length, code).toBeGreaterThan(1);
  }
  expect(await pageOf("README")).toBeUndefined();
});

it("says in the list what each page says first, in both languages", async () => {
  for (const language of ["en", "zh"] as const) {
    const meant = await meanings(language);
    for (const code of codes) {
      const [, first] = inLanguage(readMarkdown((await pageOf(code)) ?? ""), language);
      expect(first, code).toEqual({ kind: "paragraph", words: spansOf(meant.get(code) ?? "") });
    }
  }
});

it("says as much in Chinese as in English", async () => {
  for (const code of codes) {
    const blocks = readMarkdown((await pageOf(code)) ?? "");
    const shape = (language: "en" | "zh") =>
      inLanguage(blocks, language).map((block) =>
        block.kind === "list" ? block.items.length : block.kind,
      );
    expect(shape("zh"), code).toEqual(shape("en"));
  }
});
