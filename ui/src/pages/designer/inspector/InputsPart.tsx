import { Collapse, Tag } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { formOf } from "@/pages/designer/form/schema";
import { isOfColumns } from "@/pages/designer/inspector/columnFields";
import { ConfigField } from "@/pages/designer/inspector/ConfigField";
import { InputField } from "@/pages/designer/inspector/InputField";
import type { Shown } from "@/pages/designer/inspector/useTask";
import { useKnown } from "@/pages/designer/useKnown";
import { useServerWords } from "@/words/useServerWords";

import styles from "../form/form.module.css";

/** What a task works on: whose tables, and which of their columns. */
export function InputsPart({ shown }: { shown: Shown }) {
  const { t } = useTranslation();
  const say = useServerWords();
  const { silences } = useKnown();
  const fields = useMemo(() => (shown.kind ? formOf(shown.kind) : []), [shown.kind]);
  const inputs = fields.filter((field) => field.use?.direction === "in");
  const first = inputs.filter((field) => field.isRequired);
  const others = inputs.filter((field) => !field.isRequired);
  const columns = fields.filter(isOfColumns);
  const known = shown.parties.flatMap((party) => {
    const offered = shown.columnsOf(party);
    return offered === undefined ? [] : [{ party, offered }];
  });
  const silent = shown.parties.filter((party) => silences[party] !== undefined);
  return (
    <div className={styles.inner}>
      {first.map((field) => (
        <InputField key={field.name} field={field} shown={shown} />
      ))}
      {silent.map((party) => (
        <p key={party} className="faint">
          {t("designer.inputs.silent", { party, reason: say(silences[party] ?? "") })}
        </p>
      ))}
      {known.length > 0 && (
        <Collapse
          size="small"
          ghost
          items={known.map(({ party, offered }) => ({
            key: party,
            label: t("designer.inputs.columnCount", { party, count: offered.length }),
            children: offered.map((column) => (
              <Tag key={column.name} variant="filled">
                {column.name} <span className="faint">{column.kind}</span>
              </Tag>
            )),
          }))}
        />
      )}
      {columns.map((field) => (
        <ConfigField key={field.name} field={field} path={[field.name]} shown={shown} />
      ))}
      {others.map((field) => (
        <InputField key={field.name} field={field} shown={shown} />
      ))}
      {inputs.length === 0 && <p className="faint">{t("designer.inputs.none")}</p>}
    </div>
  );
}
