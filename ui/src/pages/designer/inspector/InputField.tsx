import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { NODE_WIDTH } from "@/graph/model";
import { configOf, isObject, withConfig, type Json } from "@/pages/designer/document/chain";
import { join, refusal, unjoin } from "@/pages/designer/document/connect";
import { kindOf, outputsOf } from "@/pages/designer/document/kinds";
import { settled } from "@/pages/designer/document/proposals";
import { referencesIn, resultField } from "@/pages/designer/document/references";
import { edit, useDesigner } from "@/pages/designer/document/store";
import { titleOf } from "@/pages/designer/document/tasks";
import { PathControl } from "@/pages/designer/form/controls";
import { FieldFrame } from "@/pages/designer/form/FieldFrame";
import type { FieldModel } from "@/pages/designer/form/schema";
import type { Shown } from "@/pages/designer/inspector/useTask";
import { useKnown } from "@/pages/designer/useKnown";
import { useFormat } from "@/parts/format";
import { useNames } from "@/words/types/useNames";

import styles from "../form/form.module.css";

const FILES = "files";
const NONE = "none";

/** Where a task takes a table, model or rules from: an earlier task, or each party's own files. */
export function InputField({ field, shown }: { field: FieldModel; shown: Shown }) {
  const { t } = useTranslation();
  const names = useNames();
  const chain = useDesigner((designer) => designer.draft.chain);
  const { kinds, offers } = useKnown();
  const { task } = shown;
  const value = configOf(task)[field.name];
  const source = sourceOf(value);
  const label = names.field(field.name);
  const [wantsFiles, setWantsFiles] = useState(false);
  const isOpen = field.isRequired || value != null || wantsFiles;

  const offered = chain.tasks.flatMap((other) => {
    const kind = kindOf(kinds, other.task_type);
    return (kind ? outputsOf(kind) : []).flatMap((output) => {
      const joint = {
        from: other.task_id,
        fromPort: output.name,
        to: task.task_id,
        toPort: field.name,
      };
      if (refusal(chain, kinds, joint) !== undefined) return [];
      return {
        value: `${other.task_id} ${output.result}`,
        label: `${titleOf(other)} · ${names.field(output.name)}`,
        joint,
      };
    });
  });
  const choose = (chosen: string) => {
    setWantsFiles(chosen === FILES);
    const found = offered.find((each) => each.value === chosen);
    edit((now) => {
      const open =
        source === undefined
          ? now
          : unjoin(now, { from: source.task, to: task.task_id, kind: "table", toPort: field.name });
      const left = chosen === NONE ? withConfig(open, task.task_id, [field.name], undefined) : open;
      return found ? join(left, kinds, offers, found.joint) : left;
    });
  };
  return (
    <FieldFrame
      label={label}
      name={field.name}
      isRequired={field.isRequired}
      description={names.describe(field.description)}
      faults={shown.faults([field.name])}
    >
      {(ids) => (
        <div className={styles.parties}>
          {(offered.length > 0 || source || !field.isRequired) && (
            <Select
              {...ids}
              value={source ? `${source.task} ${source.result}` : isOpen ? FILES : NONE}
              onChange={choose}
              popupMatchSelectWidth={NODE_WIDTH + 80}
              options={[
                ...(field.isRequired
                  ? []
                  : [{ value: NONE, label: t("designer.settings.leftOut") }]),
                {
                  value: FILES,
                  label: t(
                    field.use?.file === "table"
                      ? "designer.inputs.files"
                      : "designer.inputs.ownModel",
                  ),
                },
                ...offered.map((each) => ({ value: each.value, label: each.label })),
              ]}
            />
          )}
          {source === undefined && isOpen && (
            <Files field={field} value={value} shown={shown} label={label} />
          )}
        </div>
      )}
    </FieldFrame>
  );
}

interface FilesProps {
  readonly field: FieldModel;
  readonly value: Json | undefined;
  readonly shown: Shown;
  readonly label: string;
}

function Files({ field, value, shown, label }: FilesProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { kinds, offers } = useKnown();
  const set = (party: string | undefined, path: string | undefined) => {
    shown.set(party === undefined ? [field.name] : [field.name, party], path);
    const isOffered = offers[party ?? ""]?.some((table) => table.path === path);
    if (party !== undefined && path !== undefined && isOffered) {
      edit((chain) => settled(chain, kinds, offers, party, path), {
        mark: `${shown.task.task_id}.${field.name}.${party}`,
      });
    }
  };
  if (!field.use?.per_party) {
    return (
      <PathControl
        label={label}
        value={typeof value === "string" ? value : ""}
        options={[]}
        placeholder="/"
        onChange={(path) => set(undefined, path)}
      />
    );
  }
  return shown.parties.map((party) => {
    const tables = field.use?.file === "table" ? (offers[party] ?? []) : [];
    return (
      <div key={party} className={styles.party}>
        <div className={styles.partyHead}>
          <span>{party}</span>
        </div>
        <PathControl
          label={`${label}: ${t("designer.inputs.path", { party })}`}
          value={isObject(value) && typeof value[party] === "string" ? value[party] : ""}
          placeholder={tables.length > 0 ? t("designer.inputs.choose") : `/data/${party}/…`}
          onChange={(path) => set(party, path)}
          options={tables.map((table) => ({
            value: table.path,
            label: (
              <span className={styles.option}>
                <span>{table.path}</span>
                <span>
                  {table.rows === null
                    ? ""
                    : t("designer.inputs.rows", {
                        shown: format.count(table.rows),
                      })}
                </span>
              </span>
            ),
          }))}
        />
      </div>
    );
  });
}

/** The task and the result that an input is taken from, if it is. */
function sourceOf(value: Json | undefined): { task: string; result: string } | undefined {
  for (const reference of referencesIn(value)) {
    const result = resultField(reference);
    if (result !== undefined) return { task: reference.task, result };
  }
  return undefined;
}
