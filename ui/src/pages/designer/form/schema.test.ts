import { describe, expect, it } from "vitest";

import { kinds } from "@/pages/designer/document/known";
import { formOf, isReference, unitOf } from "@/pages/designer/form/schema";
import { typeNames, typeSummaries } from "@/words/types/names";
import { inWords } from "@/words/types/useNames";

const form = (name: string) =>
  Object.fromEntries(formOf(kinds.get(name)!).map((field) => [field.name, field]));

describe("a form", () => {
  it("asks for each field in its own way", () => {
    const lr = form("ss_lr");
    expect(lr.train_data!.widget).toEqual({ kind: "path", perParty: true });
    expect(lr.features!.widget.kind).toBe("columns");
    expect(lr.label!.widget.kind).toBe("column");
    expect(lr.label_party!.widget.kind).toBe("party");
    expect(lr.keep_label!.widget.kind).toBe("switch");
    expect(lr.prediction_column!.widget.kind).toBe("text");
  });

  it("goes into parameters, with their bounds and choices", () => {
    const widget = form("ss_lr").params!.widget;
    if (widget.kind !== "object") throw new Error("params are an object");
    const params = Object.fromEntries(widget.fields.map((field) => [field.name, field]));
    expect(params.epochs).toMatchObject({
      fallback: 10,
      widget: { kind: "number", isWhole: true, range: "1 … 10000" },
    });
    expect(params.learning_rate!.widget).toMatchObject({ isWhole: false, range: "> 0 … 100" });
    expect(params.penalty!.widget).toEqual({ kind: "choice", options: ["none", "l1", "l2"] });
  });

  it("takes a share or a count as a number, and what has many forms as text", () => {
    expect(form("train_test_split").test_size!.widget.kind).toBe("number");
    expect(form("fillna").value!.widget.kind).toBe("json");
  });

  it("knows keys as columns of each party", () => {
    expect(form("psi").keys!.widget.kind).toBe("columns");
    expect(form("psi").receiver!.widget.kind).toBe("party");
  });

  it("never asks for the type itself, and folds no field that must be filled", () => {
    for (const kind of new Set(kinds.values())) {
      for (const field of formOf(kind)) {
        expect(field.name).not.toBe("task_type");
        if (field.isRequired) expect(field.isRare).toBe(false);
      }
    }
  });

  it("has words and units for any name", () => {
    expect([inWords("l2_norm"), inWords("timeout_s")]).toEqual(["L2 norm", "Timeout"]);
    expect([unitOf("timeout_s"), unitOf("epochs")]).toEqual(["s", undefined]);
    expect([isReference("${each.rate}"), isReference("x"), isReference(1)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("has names for the shipped types in both languages", () => {
    for (const kind of kinds.values()) {
      expect(typeNames.en[kind.name]).toBeDefined();
      expect(typeNames.zh[kind.name]).toBeDefined();
      expect(typeSummaries[kind.name]).toBeDefined();
    }
    expect(Object.keys(typeNames.en)).toEqual(Object.keys(typeNames.zh));
  });
});
