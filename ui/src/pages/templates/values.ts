import type { Parameter, Values } from "@/api/templates";

/** The form's own value of a parameter: lists and objects are written as text. */
export function shownOf(parameter: Parameter, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  const isText = parameter.type === "object" || parameter.type === "list";
  return isText ? JSON.stringify(value, null, 2) : value;
}

/** What a parameter is filled with at first. */
export function firstOf(parameter: Parameter): unknown {
  return (
    shownOf(parameter, parameter.default) ?? (parameter.type === "boolean" ? false : undefined)
  );
}

/** An example to show in an empty field. */
export function exampleOf(parameter: Parameter): string | undefined {
  const example = parameter.example;
  if (example === null || example === undefined) return undefined;
  if (Array.isArray(example) && parameter.type === "columns") return example.join(", ");
  return typeof example === "string" ? example : JSON.stringify(example);
}

/** Whether a text is JSON of the parameter's kind. */
export function isJsonOf(parameter: Parameter, text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    const isList = Array.isArray(value);
    return parameter.type === "list" ? isList : !isList && typeof value === "object" && !!value;
  } catch {
    return false;
  }
}

/** The values to send: what is empty is left to its default. */
export function valuesOf(parameters: readonly Parameter[], given: Values): Values {
  const values: Values = {};
  for (const parameter of parameters) {
    const value = given[parameter.name];
    const isEmpty =
      value === undefined ||
      value === null ||
      (typeof value === "string" && value.trim() === "" && parameter.type !== "text") ||
      (Array.isArray(value) && value.length === 0);
    if (isEmpty) continue;
    const isJson = parameter.type === "object" || parameter.type === "list";
    values[parameter.name] = isJson && typeof value === "string" ? JSON.parse(value) : value;
  }
  return values;
}
