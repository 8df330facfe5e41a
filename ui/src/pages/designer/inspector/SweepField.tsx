import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { isObject, type Json } from "@/pages/designer/document/chain";
import { readJson } from "@/pages/designer/form/controls";
import { FieldFrame } from "@/pages/designer/form/FieldFrame";
import type { Shown } from "@/pages/designer/inspector/useTask";

import styles from "../form/form.module.css";

interface SweepProps {
  readonly shown: Shown;
  readonly onChange: (sweep: Json | undefined) => void;
}

/** A sweep's parameters, each with its values. */
export function SweepField({ shown, onChange }: SweepProps) {
  const { t } = useTranslation();
  const sweep = isObject(shown.task.for_each) ? shown.task.for_each : {};
  const rows = Object.entries(sweep);
  const times = rows.reduce(
    (all, [, values]) => all * (Array.isArray(values) ? values.length : 1),
    1,
  );
  const put = (next: readonly (readonly [string, Json | undefined])[]) =>
    onChange(next.length === 0 ? undefined : Object.fromEntries(next));
  return (
    <FieldFrame
      label={t("designer.run.sweep")}
      description={
        rows.length > 0
          ? `${t("designer.run.sweepHint")} ${t("designer.run.times", { count: times })}`
          : t("designer.run.sweepHint")
      }
      faults={shown.faultsBeside(["for_each"])}
    >
      {(ids) => (
        <div className={styles.parties} id={ids.id}>
          {rows.map(([name, values], at) => (
            <SweepRow
              key={at}
              name={name}
              values={values}
              onChange={(next) => put(rows.map((row, place) => (place === at ? next : row)))}
              onRemove={() => put(rows.filter((_, place) => place !== at))}
            />
          ))}
          <Button
            size="small"
            icon={<PlusOutlined />}
            onClick={() => put([...rows, [freeName(sweep), [1]]])}
          >
            {t("designer.run.addSweep")}
          </Button>
        </div>
      )}
    </FieldFrame>
  );
}

interface RowProps {
  readonly name: string;
  readonly values: Json | undefined;
  readonly onChange: (row: readonly [string, Json]) => void;
  readonly onRemove: () => void;
}

function SweepRow({ name, values, onChange, onRemove }: RowProps) {
  const { t } = useTranslation();
  const list = Array.isArray(values) ? (values as Json[]) : [];
  const [typedName, setName] = useState(name);
  const [typed, setTyped] = useState(list.map((value) => show(value)).join(", "));
  const done = () => {
    const parsed = typed.split(",").map((part) => readJson(part).value);
    const kept = parsed.filter((value) => value !== undefined);
    onChange([/^[A-Za-z0-9_-]+$/.test(typedName) ? typedName : name, kept]);
  };
  return (
    <div className={styles.sweep}>
      <Input
        aria-label={t("designer.run.sweepName")}
        className="mono"
        value={typedName}
        onChange={(event) => setName(event.target.value)}
        onBlur={done}
      />
      <Input
        aria-label={t("designer.run.sweepValues")}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={done}
      />
      <Button
        type="text"
        icon={<DeleteOutlined />}
        aria-label={`${t("designer.tool.remove")} ${name}`}
        onClick={onRemove}
      />
    </div>
  );
}

function show(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function freeName(sweep: object): string {
  let name = "value";
  for (let number = 2; name in sweep; number += 1) name = `value${number}`;
  return name;
}
