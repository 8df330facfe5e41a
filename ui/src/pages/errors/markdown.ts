/** The little Markdown that our pages of errors use. */
export type Block =
  | { readonly kind: "heading"; readonly level: number; readonly words: readonly Span[] }
  | { readonly kind: "paragraph"; readonly words: readonly Span[] }
  | { readonly kind: "list"; readonly items: readonly (readonly Span[])[] }
  | { readonly kind: "code"; readonly text: string };

export interface Span {
  readonly text: string;
  readonly isCode: boolean;
}

/** Read headings, paragraphs, lists and code; whatever else there is stays as text. */
export function readMarkdown(text: string): Block[] {
  return text
    .replaceAll("\r\n", "\n")
    .split(/\n{2,}(?![^`]*\n```\n)/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(blockOf);
}

/** The part that is written in a language: our pages have a Chinese one at their end. */
export function inLanguage(blocks: readonly Block[], language: "en" | "zh"): Block[] {
  const cut = blocks.findIndex((block) => block.kind === "heading" && textOf(block) === "中文");
  if (cut < 0) return [...blocks];
  const title = blocks.filter((block) => block.kind === "heading" && block.level === 1);
  return language === "zh" ? [...title, ...blocks.slice(cut + 1)] : blocks.slice(0, cut);
}

function blockOf(part: string): Block {
  const heading = /^(#{1,6}) (.*)$/.exec(part);
  if (heading) {
    return {
      kind: "heading",
      level: heading[1]?.length ?? 1,
      words: spansOf(heading[2] ?? ""),
    };
  }
  const code = /^```\w*\n([\s\S]*?)\n?```$/.exec(part);
  if (code) return { kind: "code", text: code[1] ?? "" };
  if (part.startsWith("- ")) {
    return { kind: "list", items: part.slice(2).split(/\n- /).map(spansOf) };
  }
  return { kind: "paragraph", words: spansOf(part) };
}

/** Read what stands within a block: code, and words without their links and emphasis. */
export function spansOf(text: string): Span[] {
  const plain = text.replace(/\s*\n\s*/g, " ").replace(/\[([^\]]+)\]\([^)]*\)/g, "$1");
  return plain
    .split("`")
    .map((each, at) => {
      const isCode = at % 2 === 1;
      return { text: isCode ? each : each.replace(/\*([^*]+)\*/g, "$1"), isCode };
    })
    .filter((span) => span.text !== "");
}

function textOf(block: { readonly words: readonly Span[] }): string {
  return block.words.map((span) => span.text).join("");
}
