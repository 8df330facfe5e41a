import { Button, Empty, Tabs } from "antd";
import { useTranslation } from "react-i18next";

import { GroupIcon } from "@/graph/GroupIcon";
import { edgeId, type CanvasEdge } from "@/graph/model";
import { findTask, type Task } from "@/pages/designer/document/chain";
import { unjoin } from "@/pages/designer/document/connect";
import { groupOf } from "@/pages/designer/document/kinds";
import { edit, select, useDesigner } from "@/pages/designer/document/store";
import { titleOf } from "@/pages/designer/document/tasks";
import { ChainPart } from "@/pages/designer/inspector/ChainPart";
import { InputsPart } from "@/pages/designer/inspector/InputsPart";
import { LearnsPart } from "@/pages/designer/inspector/LearnsPart";
import { RunPart } from "@/pages/designer/inspector/RunPart";
import { SettingsPart } from "@/pages/designer/inspector/SettingsPart";
import { useTask } from "@/pages/designer/inspector/useTask";
import { useKnown } from "@/pages/designer/useKnown";
import { useNames } from "@/words/types/useNames";
import { useServerWords } from "@/words/useServerWords";

import styles from "./inspector.module.css";

interface Props {
  readonly edges: readonly CanvasEdge[];
  readonly part: string;
  readonly onPart: (part: string) => void;
}

/** The settings of what is selected: a task, an edge, or the chain itself. */
export function Inspector({ edges, part, onPart }: Props) {
  const { t } = useTranslation();
  const selected = useDesigner((designer) => designer.selected);
  const chain = useDesigner((designer) => designer.draft.chain);
  const [only] = selected;
  if (only === undefined) {
    return (
      <div className={styles.inspector}>
        <h2 className={styles.title}>{t("designer.inspector.chain")}</h2>
        <ChainPart />
      </div>
    );
  }
  if (selected.length > 1) {
    return (
      <Empty image={null} description={t("designer.inspector.many", { count: selected.length })} />
    );
  }
  const task = findTask(chain, only);
  if (task) return <TaskParts key={task.task_id} task={task} part={part} onPart={onPart} />;
  const edge = edges.find((each) => edgeId(each) === only);
  return edge ? <EdgePart edge={edge} /> : null;
}

interface TaskProps {
  readonly task: Task;
  readonly part: string;
  readonly onPart: (part: string) => void;
}

function TaskParts({ task, part, onPart }: TaskProps) {
  const { t } = useTranslation();
  const names = useNames();
  const say = useServerWords();
  const { isLoading } = useKnown();
  const shown = useTask(task);
  const { kind } = shown;
  const items = [
    {
      key: "inputs",
      label: t("designer.inspector.inputs"),
      children: <InputsPart shown={shown} />,
    },
    {
      key: "settings",
      label: t("designer.inspector.settings"),
      children: <SettingsPart shown={shown} />,
    },
    {
      key: "learns",
      label: t("designer.inspector.learns"),
      children: <LearnsPart shown={shown} />,
    },
    { key: "run", label: t("designer.inspector.run"), children: <RunPart shown={shown} /> },
  ];
  return (
    <div className={styles.inspector} data-inspector={task.task_id}>
      <div className={styles.head}>
        <GroupIcon group={groupOf(kind)} size={20} />
        <div>
          <h2 className={styles.title}>
            {task.task_name ?? (kind ? names.type(kind.name) : titleOf(task))}
          </h2>
          <code className="faint">{task.task_id}</code>
        </div>
      </div>
      {kind === undefined ? (
        !isLoading && <p>{t("designer.inspector.unknownType", { type: task.task_type })}</p>
      ) : (
        <p className={styles.summary}>{names.summary(kind.name, kind.summary)}</p>
      )}
      {shown.faultsBeside(["task_type"]).map((fault) => (
        <p key={fault.message} className={styles.fault}>
          {say(fault.message)}
        </p>
      ))}
      <Tabs size="small" tabBarGutter={14} items={items} activeKey={part} onChange={onPart} />
    </div>
  );
}

function EdgePart({ edge }: { edge: CanvasEdge }) {
  const { t } = useTranslation();
  const ends = { from: edge.from, to: edge.to };
  return (
    <div className={styles.inspector}>
      <h2 className={styles.title}>{t("designer.inspector.edge", ends)}</h2>
      <p>
        {edge.kind === "order"
          ? t("designer.inspector.edgeOrder", ends)
          : t("designer.inspector.edgeCarries", {
              kind: t(`designer.kind.${edge.kind}`),
              label: edge.label ?? "",
            })}
      </p>
      <Button
        danger
        onClick={() => {
          edit((chain) => unjoin(chain, edge));
          select([]);
        }}
      >
        {t("designer.inspector.disconnect")}
      </Button>
    </div>
  );
}
