import { AutoComplete, Input, InputNumber, Select, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Json } from "@/pages/designer/document/chain";
import type { ControlIds } from "@/pages/designer/form/FieldFrame";
import { isReference, unitOf, type FieldModel, type Widget } from "@/pages/designer/form/schema";

interface Props {
  readonly field: FieldModel;
  readonly value: Json | undefined;
  /** Undefined leaves the field out. */
  readonly onChange: (value: Json | undefined) => void;
  readonly parties: readonly string[];
  readonly ids: ControlIds;
}

/** A control for one value that is no column and no path. */
export function Control(props: Props) {
  const { field, value, onChange, parties, ids } = props;
  const { t } = useTranslation();
  const { widget } = field;
  const fallback = useShown(field.fallback);
  // What an earlier task returns, or a sweep's value, can stand wherever a value can.
  if (isReference(value) && widget.kind !== "json") {
    return <Text ids={ids} value={value} onChange={onChange} placeholder={fallback} />;
  }
  switch (widget.kind) {
    case "number":
      return <NumberControl {...props} widget={widget} placeholder={fallback} />;
    case "switch":
      return (
        <Switch
          {...ids}
          checked={value === undefined ? field.fallback === true : value === true}
          onChange={(on) => onChange(on === field.fallback ? undefined : on)}
        />
      );
    case "choice":
      return (
        <Select
          {...ids}
          value={value as string | undefined}
          placeholder={fallback}
          allowClear={!field.isRequired}
          onChange={(chosen: string | undefined) => onChange(chosen)}
          options={widget.options.map((option) => ({ value: option, label: String(option) }))}
        />
      );
    case "party":
      return (
        <Select
          {...ids}
          value={value as string | undefined}
          placeholder={t("designer.settings.party")}
          allowClear={!field.isRequired}
          onChange={(chosen: string | undefined) => onChange(chosen)}
          options={parties.map((party) => ({ value: party, label: party }))}
        />
      );
    case "parties":
      return (
        <Select
          {...ids}
          mode="multiple"
          value={(value as string[] | undefined) ?? []}
          placeholder={t("designer.settings.parties")}
          onChange={(chosen: string[]) => onChange(chosen.length === 0 ? undefined : chosen)}
          options={parties.map((party) => ({ value: party, label: party }))}
        />
      );
    case "json":
      return <JsonControl {...props} placeholder={fallback} />;
    default:
      return <Text ids={ids} value={value} onChange={onChange} placeholder={fallback} />;
  }
}

interface TextProps {
  readonly ids: ControlIds;
  readonly value: Json | undefined;
  readonly onChange: (value: Json | undefined) => void;
  readonly placeholder: string;
}

function Text({ ids, value, onChange, placeholder }: TextProps) {
  return (
    <Input
      {...ids}
      allowClear
      value={value === undefined || value === null ? "" : String(value)}
      placeholder={placeholder}
      onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
    />
  );
}

type NumberWidget = Extract<Widget, { kind: "number" }>;

function NumberControl({
  field,
  value,
  onChange,
  ids,
  widget,
  placeholder,
}: Props & { widget: NumberWidget; placeholder: string }) {
  return (
    <InputNumber
      {...ids}
      value={typeof value === "number" ? value : null}
      placeholder={placeholder}
      {...(widget.isWhole && { precision: 0 })}
      {...(unitOf(field.name) !== undefined && { suffix: unitOf(field.name) })}
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}

/** A value of many forms, as JSON; plain words need no quotes. */
function JsonControl({ value, onChange, ids, placeholder }: Props & { placeholder: string }) {
  const { t } = useTranslation();
  const shown =
    value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  const [typed, setTyped] = useState({ of: value, text: shown });
  if (typed.of !== value) setTyped({ of: value, text: shown });
  const [isBroken, setBroken] = useState(false);
  return (
    <>
      <Input.TextArea
        {...ids}
        autoSize={{ minRows: 1, maxRows: 8 }}
        value={typed.text}
        placeholder={placeholder}
        onChange={(event) => setTyped({ of: value, text: event.target.value })}
        onBlur={() => {
          const read = readJson(typed.text);
          setBroken(read.isBroken);
          if (!read.isBroken) onChange(read.value);
        }}
      />
      {isBroken && <span role="alert">{t("designer.settings.notJson")}</span>}
    </>
  );
}

/** Read what was typed: JSON, else a plain word; what begins as JSON and is none is broken. */
export function readJson(text: string): { value: Json | undefined; isBroken: boolean } {
  const trimmed = text.trim();
  if (trimmed === "") return { value: undefined, isBroken: false };
  try {
    return { value: JSON.parse(trimmed) as Json, isBroken: false };
  } catch {
    return /^[[{"]/.test(trimmed)
      ? { value: undefined, isBroken: true }
      : { value: trimmed, isBroken: false };
  }
}

/** A default as a form shows it in grey. */
export function useShown(fallback: Json | undefined): string {
  const { t } = useTranslation();
  if (fallback === undefined || fallback === null || fallback === "") {
    return t("designer.settings.leftOut");
  }
  if (fallback === true) return t("designer.settings.on");
  if (fallback === false) return t("designer.settings.off");
  return typeof fallback === "object" ? JSON.stringify(fallback) : String(fallback);
}

interface PathProps {
  readonly ids?: ControlIds;
  readonly label: string;
  readonly value: string;
  readonly options: readonly { value: string; label: React.ReactNode }[];
  readonly placeholder: string;
  readonly onChange: (value: string | undefined) => void;
}

/** A path: of what a party offers, or typed. */
export function PathControl({ ids, label, value, options, placeholder, onChange }: PathProps) {
  return (
    <AutoComplete
      {...ids}
      aria-label={label}
      value={value}
      options={[...options]}
      placeholder={placeholder}
      popupMatchSelectWidth={320}
      showSearch={{
        filterOption: (typed, option) =>
          value === option?.value || String(option?.value).includes(typed),
      }}
      onChange={(next: string | undefined) => onChange(next === "" ? undefined : next)}
      allowClear
    />
  );
}
