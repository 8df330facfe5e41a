import { SearchOutlined } from "@ant-design/icons";
import { AutoComplete, Button, Input, Select } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ChainLine } from "@/api/chains";
import { useSession } from "@/api/session";
import { StateMark } from "@/parts/StateMark";

import { isNarrowed, STATUSES, TYPES, type View } from "./view";

import styles from "./Filters.module.css";

const PAUSE_MS = 250;

interface Props {
  readonly view: View;
  readonly chains: readonly ChainLine[];
  readonly onChange: (changed: Partial<View>) => void;
}

/** What narrows the list. */
export function Filters({ view, chains, onChange }: Props) {
  const { t } = useTranslation();
  const me = useSession((session) => session.me?.name ?? "");
  const [name, setName] = useState(view.name);
  const owners = [...new Set([me, ...chains.map((chain) => chain.created_by)])];

  // A letter is no question yet; a pause after some is.
  useEffect(() => {
    if (name === view.name) return;
    const timer = setTimeout(() => onChange({ name }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [name, view.name, onChange]);

  return (
    <div className={styles.filters} role="search">
      <Input
        className={styles.name ?? ""}
        allowClear
        prefix={<SearchOutlined />}
        placeholder={t("chains.byName")}
        aria-label={t("chains.byName")}
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Select
        className={styles.choice ?? ""}
        allowClear
        placeholder={t("chains.byState")}
        aria-label={t("chains.byState")}
        value={view.status}
        onChange={(status) => onChange({ status })}
        options={STATUSES.map((value) => ({ value, label: <StateMark state={value} /> }))}
      />
      <Select
        className={styles.choice ?? ""}
        allowClear
        placeholder={t("chains.byType")}
        aria-label={t("chains.byType")}
        value={view.type}
        onChange={(type) => onChange({ type })}
        options={TYPES.map((value) => ({ value, label: t(`chains.types.${value}`) }))}
      />
      <AutoComplete
        className={styles.choice ?? ""}
        allowClear
        placeholder={t("chains.byOwner")}
        aria-label={t("chains.byOwner")}
        value={view.owner}
        onChange={(owner?: string) => onChange({ owner: owner ?? "" })}
        options={owners.map((value) => ({
          value,
          label: value === me ? t("chains.mine", { name: me }) : value,
        }))}
      />
      {isNarrowed(view) && (
        <Button
          type="link"
          onClick={() => {
            setName("");
            onChange({ name: "", status: undefined, type: undefined, owner: "" });
          }}
        >
          {t("chains.showAll")}
        </Button>
      )}
    </div>
  );
}
