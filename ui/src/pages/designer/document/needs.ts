import { configOf, getAt, type Chain } from "@/pages/designer/document/chain";
import { inputsOf, kindOf, type Kinds } from "@/pages/designer/document/kinds";

/** Return the files that a party must have before a chain runs: those that no task of it writes. */
export function neededOf(chain: Chain, kinds: Kinds, party: string): string[] {
  const found = chain.tasks.flatMap((task) => {
    const kind = kindOf(kinds, task.task_type);
    return (kind ? inputsOf(kind) : []).flatMap((field) => {
      const path = getAt(configOf(task), [field.name, party]);
      return typeof path === "string" && path.startsWith("/") ? [path] : [];
    });
  });
  return [...new Set(found)];
}
