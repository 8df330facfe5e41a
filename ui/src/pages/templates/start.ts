import { parse, stringify } from "yaml";

/** Make a template's text of a chain's: its document as it is, and one parameter to begin with. */
export function templateOf(chain: string): string {
  const document = parse(chain) as Record<string, unknown>;
  const title = String(document.chain_name ?? "");
  const name = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 64);
  return stringify(
    {
      name: name || "my_template",
      title: title || "My template",
      description: String(document.description ?? ""),
      parameters: [
        { name: "name", type: "text", default: title, description: "The chain’s name." },
      ],
      document: { ...document, chain_name: "${param.name}" },
    },
    { lineWidth: 0 },
  );
}
