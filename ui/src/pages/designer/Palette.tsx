import { SearchOutlined } from "@ant-design/icons";
import { Input, Skeleton } from "antd";
import { useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";

import { useMedia } from "@/frame/media";
import { GroupIcon } from "@/graph/GroupIcon";
import { DRAGGED, type Group } from "@/graph/model";
import type { TaskKind } from "@/pages/designer/document/kinds";
import { useKnown } from "@/pages/designer/useKnown";
import { ProblemNote } from "@/parts/ProblemNote";
import { useNames, type Names } from "@/words/types/useNames";

import styles from "./palette.module.css";

const GROUPS: readonly Group[] = ["Intersect", "Prepare", "Learn", "Understand", "Evaluate"];

interface Props {
  readonly onAdd: (kind: TaskKind) => void;
}

/** The task types by group, searched by name and by what they do; dragged, or added by Enter. */
export function Palette({ onAdd }: Props) {
  const { t } = useTranslation();
  const names = useNames();
  const { types, isLoading, fault } = useKnown();
  const [search, setSearch] = useState("");
  const isTouched = useMedia("(pointer: coarse)");
  const list = useRef<HTMLDivElement>(null);
  const found = useMemo(
    () => newest(types).filter((kind) => fits(kind, search, names)),
    [types, search, names],
  );

  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = [...(list.current?.querySelectorAll("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      buttons[Math.min(Math.max(at + step, 0), buttons.length - 1)]?.focus();
    } else if (event.key === "Enter" && at < 0 && found[0]) {
      onAdd(found[0]);
    }
  };
  return (
    <div className={styles.palette} onKeyDown={onKeyDown}>
      <Input
        allowClear
        type="search"
        data-palette-search
        prefix={<SearchOutlined />}
        aria-label={t("designer.palette.search")}
        placeholder={t("designer.palette.search")}
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      {fault !== undefined && <ProblemNote error={fault} />}
      {isLoading && <Skeleton active title={false} paragraph={{ rows: 12 }} />}
      <div ref={list} className={styles.list}>
        {GROUPS.map((group) => {
          const members = found.filter((kind) => kind.group === group);
          if (members.length === 0) return null;
          return (
            <section key={group} aria-label={t(`designer.palette.group.${group}`)}>
              <h2 className={styles.group}>{t(`designer.palette.group.${group}`)}</h2>
              {members.map((kind) => (
                <Entry key={kind.name} kind={kind} group={group} names={names} onAdd={onAdd} />
              ))}
            </section>
          );
        })}
        {!isLoading && found.length === 0 && search !== "" && (
          <p className="faint">{t("designer.palette.none", { search })}</p>
        )}
      </div>
      <p className={styles.hint}>
        {t(isTouched ? "designer.palette.tap" : "designer.palette.hint")}
      </p>
    </div>
  );
}

interface EntryProps {
  readonly kind: TaskKind;
  readonly group: Group;
  readonly names: Names;
  readonly onAdd: (kind: TaskKind) => void;
}

function Entry({ kind, group, names, onAdd }: EntryProps) {
  const { t } = useTranslation();
  const summary = names.summary(kind.name, kind.summary);
  return (
    <button
      type="button"
      className={styles.entry}
      draggable
      aria-label={`${t("designer.palette.adds", { name: names.type(kind.name) })} ${summary}`}
      title={`${kind.name}: ${summary}`}
      onClick={() => onAdd(kind)}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAGGED, kind.name);
        event.dataTransfer.effectAllowed = "copy";
      }}
    >
      <GroupIcon group={group} />
      <span className={styles.words}>
        <span className={styles.name}>{names.type(kind.name)}</span>{" "}
        <span className={styles.summary}>{summary}</span>
      </span>
    </button>
  );
}

/** Types of a later version come after earlier ones: the last of a name is the newest. */
function newest(types: readonly TaskKind[]): TaskKind[] {
  return [...new Map(types.map((kind) => [kind.name, kind])).values()];
}

function fits(kind: TaskKind, search: string, names: Names): boolean {
  const words = [
    kind.name,
    ...kind.aliases,
    names.type(kind.name),
    kind.summary,
    names.summary(kind.name, ""),
  ];
  const text = words.join(" ").toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
