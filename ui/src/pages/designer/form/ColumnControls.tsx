import { AutoComplete, Button, Select } from "antd";
import { useTranslation } from "react-i18next";

import { isStrings, setAt, type Json, type JsonObject } from "@/pages/designer/document/chain";
import { namesAt } from "@/pages/designer/document/columns";
import type { OfferedColumn } from "@/pages/designer/document/proposals";
import type { ControlIds } from "@/pages/designer/form/FieldFrame";

import styles from "./form.module.css";

type ColumnsOf = (party: string) => readonly OfferedColumn[] | undefined;

interface Props {
  readonly ids: ControlIds;
  readonly label: string;
  readonly value: Json | undefined;
  readonly parties: readonly string[];
  readonly columnsOf: ColumnsOf;
  readonly onChange: (value: Json | undefined) => void;
}

/** Columns of each party, under its name, with their types; or one list of names for all. */
export function ColumnsControl({ ids, label, value, parties, columnsOf, onChange }: Props) {
  const { t } = useTranslation();
  if (isStrings(value)) {
    return (
      <div className={styles.party}>
        <div className={styles.partyHead}>
          <span>{t("designer.inputs.everyParty")}</span>
          <Button
            type="link"
            size="small"
            onClick={() => onChange(byParty(value, parties, columnsOf))}
          >
            {t("designer.inputs.perParty")}
          </Button>
        </div>
        <Names {...ids} label={label} chosen={value} offered={undefined} onChange={onChange} />
      </div>
    );
  }
  return (
    <div className={styles.parties} role="group" aria-label={label} id={ids.id}>
      {parties.map((party) => (
        <PartyColumns
          key={party}
          party={party}
          label={label}
          chosen={namesAt(value, party)}
          offered={columnsOf(party)}
          onChange={(names) => {
            const next = setAt((value ?? {}) as JsonObject, [party], names);
            onChange(Object.keys(next).length === 0 ? undefined : next);
          }}
        />
      ))}
    </div>
  );
}

interface PartyProps {
  readonly party: string;
  readonly label: string;
  readonly chosen: readonly string[];
  readonly offered: readonly OfferedColumn[] | undefined;
  readonly onChange: (names: readonly string[] | undefined) => void;
}

function PartyColumns({ party, label, chosen, offered, onChange }: PartyProps) {
  const { t } = useTranslation();
  const numbers = offered?.filter((column) => isNumeric(column)) ?? [];
  const choose = (columns: readonly OfferedColumn[]) =>
    onChange(columns.length === 0 ? undefined : columns.map((column) => column.name));
  return (
    <div className={styles.party}>
      <div className={styles.partyHead}>
        <span>{party}</span>
        {offered !== undefined && offered.length > 0 && (
          <span>
            {numbers.length > 0 && (
              <Button type="link" size="small" onClick={() => choose(numbers)}>
                {t("designer.inputs.numbers")}
              </Button>
            )}
            <Button
              type="link"
              size="small"
              onClick={() => choose(chosen.length > 0 ? [] : offered)}
            >
              {chosen.length > 0 ? t("designer.inputs.noColumns") : t("designer.inputs.allColumns")}
            </Button>
          </span>
        )}
      </div>
      <Names
        label={`${label}: ${party}`}
        chosen={chosen}
        offered={offered}
        onChange={(names) => onChange(isStrings(names) && names.length > 0 ? names : undefined)}
      />
    </div>
  );
}

interface NamesProps extends Partial<ControlIds> {
  readonly label: string;
  readonly chosen: readonly string[];
  readonly offered: readonly OfferedColumn[] | undefined;
  readonly onChange: (names: readonly string[] | undefined) => void;
}

function Names({ label, chosen, offered, onChange, ...ids }: NamesProps) {
  const { t } = useTranslation();
  return (
    <Select
      {...ids}
      aria-label={label}
      mode="tags"
      optionLabelProp="value"
      value={[...chosen]}
      tokenSeparators={[","]}
      maxTagCount={12}
      placeholder={t("designer.inputs.columns")}
      onChange={(names: string[]) => onChange(names.length === 0 ? undefined : names)}
      options={optionsOf(offered)}
    />
  );
}

interface ColumnProps {
  readonly ids: ControlIds;
  readonly value: Json | undefined;
  readonly offered: readonly OfferedColumn[] | undefined;
  readonly onChange: (value: Json | undefined) => void;
}

/** One column's name. */
export function ColumnControl({ ids, value, offered, onChange }: ColumnProps) {
  const { t } = useTranslation();
  const typed = typeof value === "string" ? value : "";
  return (
    <AutoComplete
      {...ids}
      value={typed}
      options={optionsOf(offered)}
      placeholder={t("designer.inputs.column")}
      showSearch={{
        filterOption: (text, option) =>
          offered?.some((column) => column.name === typed) ||
          String(option?.value).toLowerCase().includes(text.toLowerCase()),
      }}
      onChange={(next: string | undefined) => onChange(next === "" ? undefined : next)}
      allowClear
    />
  );
}

function optionsOf(offered: readonly OfferedColumn[] | undefined) {
  return (offered ?? []).map((column) => ({
    value: column.name,
    label: (
      <span className={styles.option}>
        <span>{column.name}</span>
        <span>{column.kind}</span>
      </span>
    ),
  }));
}

function isNumeric(column: OfferedColumn): boolean {
  return column.kind === "integer" || column.kind === "number";
}

/** A shared list as lists of each party: where a party is known to have the column, else at all. */
function byParty(names: readonly string[], parties: readonly string[], columnsOf: ColumnsOf): Json {
  return Object.fromEntries(
    parties.flatMap((party) => {
      const known = columnsOf(party);
      const own = known
        ? names.filter((name) => known.some((column) => column.name === name))
        : names;
      return own.length > 0 ? [[party, own]] : [];
    }),
  );
}
