/** The pages of `docs/errors`, one chunk each: they come with the page and need no network. */
const files = import.meta.glob<string>("../../../../docs/errors/*.md", {
  query: "?raw",
  import: "default",
});

const loaders = new Map(
  Object.entries(files).map(([path, load]) => [path.replace(/^.*\/|\.md$/g, ""), load] as const),
);

/** Every code that a page tells of. */
export const codes: readonly string[] = [...loaders.keys()]
  .filter((name) => name !== "README")
  .sort();

/** A code's page as Markdown, or undefined where there is none. */
export async function pageOf(code: string): Promise<string | undefined> {
  return codes.includes(code) ? await loaders.get(code)?.() : undefined;
}

/** What each code means, as the pages' list has it: ``| [`CODE`](CODE.md) | in English | 中文 |``. */
export async function meanings(language: "en" | "zh"): Promise<ReadonlyMap<string, string>> {
  const list = (await loaders.get("README")?.()) ?? "";
  const rows = list.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  return new Map(
    rows.flatMap(([, code = "", english = "", chinese = ""]) => {
      const name = /^\[`(\w+)`\]/.exec(code)?.[1];
      return name === undefined ? [] : [[name, language === "zh" ? chinese : english] as const];
    }),
  );
}
