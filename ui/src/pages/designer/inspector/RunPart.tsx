import { Input, InputNumber, Select, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import {
  getAt,
  isObject,
  setAt,
  withTask,
  type Json,
  type Path,
} from "@/pages/designer/document/chain";
import { tasksBefore } from "@/pages/designer/document/edges";
import { edit, select, useDesigner } from "@/pages/designer/document/store";
import { canBeCalled, renameTask } from "@/pages/designer/document/tasks";
import { FieldFrame } from "@/pages/designer/form/FieldFrame";
import { SweepField } from "@/pages/designer/inspector/SweepField";
import type { Shown } from "@/pages/designer/inspector/useTask";
import { useKnown } from "@/pages/designer/useKnown";

import styles from "../form/form.module.css";

/** How a task runs: its id, what it waits for, when it runs at all, retries, limits, sweeps. */
export function RunPart({ shown }: { shown: Shown }) {
  const { t } = useTranslation();
  const chain = useDesigner((designer) => designer.draft.chain);
  const { task } = shown;
  const id = task.task_id;
  const set = (path: Path, value: Json | undefined) =>
    edit(
      (now) =>
        withTask(now, id, (each) => {
          const next = setAt(each, path, value);
          const head = path[0] as string;
          const isEmpty = isObject(next[head]) && Object.keys(next[head]).length === 0;
          return isEmpty ? setAt(next, [head], undefined) : next;
        }),
      { mark: `${id}:${path.join(".")}` },
    );
  const number = (path: Path, label: string, unit?: string, description?: string) => (
    <FieldFrame label={label} description={description} faults={shown.faultsBeside(path)}>
      {(ids) => (
        <InputNumber
          {...ids}
          min={0}
          value={getAt(task, path) as number | null}
          {...(unit !== undefined && { suffix: unit })}
          onChange={(value) => set(path, value ?? undefined)}
        />
      )}
    </FieldFrame>
  );
  const others = chain.tasks.filter(
    (each) => each.task_id !== id && !tasksBefore(chain, each.task_id).has(id),
  );
  const seconds = t("designer.run.seconds");
  return (
    <div className={styles.inner}>
      <IdField key={id} shown={shown} />
      <FieldFrame label={t("designer.run.waits")} faults={shown.faultsBeside(["depends_on"])}>
        {(ids) => (
          <Select
            {...ids}
            mode="multiple"
            value={[...(task.depends_on ?? [])]}
            onChange={(chosen: string[]) => set(["depends_on"], chosen)}
            options={others.map((each) => ({ value: each.task_id, label: each.task_id }))}
          />
        )}
      </FieldFrame>
      <FieldFrame label={t("designer.run.rule")} faults={shown.faultsBeside(["trigger_rule"])}>
        {(ids) => (
          <Select
            {...ids}
            value={task.trigger_rule ?? "all_success"}
            onChange={(rule: string) =>
              set(["trigger_rule"], rule === "all_success" ? undefined : rule)
            }
            options={(["all_success", "all_done", "one_failed"] as const).map((rule) => ({
              value: rule,
              label: t(`designer.run.rules.${rule}`),
            }))}
          />
        )}
      </FieldFrame>
      <FieldFrame
        label={t("designer.run.when")}
        description={t("designer.run.whenHint")}
        faults={shown.faultsBeside(["when"])}
      >
        {(ids) => (
          <Input.TextArea
            {...ids}
            className="mono"
            autoSize={{ minRows: 1, maxRows: 5 }}
            value={task.when ?? ""}
            placeholder="tasks.psi.result.intersection_count > 100"
            onChange={(event) => set(["when"], event.target.value || undefined)}
          />
        )}
      </FieldFrame>
      {number(["retry", "max_retries"], t("designer.run.retries"))}
      <FieldFrame
        isInline
        label={t("designer.run.retryAny")}
        description={t("designer.run.retryAnyHint")}
      >
        {(ids) => (
          <Switch
            {...ids}
            checked={getAt(task, ["retry", "retry_on_failure"]) === true}
            onChange={(on) => set(["retry", "retry_on_failure"], on || undefined)}
          />
        )}
      </FieldFrame>
      {number(["retry", "backoff_s"], t("designer.run.backoff"), seconds)}
      {number(["timeout_s"], t("designer.run.timeout"), seconds)}
      {number(["queue_timeout_s"], t("designer.run.queueTimeout"), seconds)}
      <SweepField shown={shown} onChange={(sweep) => set(["for_each"], sweep)} />
    </div>
  );
}

/** A task's id and name. The id is changed once it is typed whole: it stands in references too. */
function IdField({ shown }: { shown: Shown }) {
  const { t } = useTranslation();
  const { kinds } = useKnown();
  const chain = useDesigner((designer) => designer.draft.chain);
  const id = shown.task.task_id;
  const [typed, setTyped] = useState(id);
  const isGood = canBeCalled(chain, id, typed);
  const rename = () => {
    if (!isGood) setTyped(id);
    else if (typed !== id) {
      edit((now) => renameTask(now, kinds, id, typed));
      select([typed]);
    }
  };
  return (
    <>
      <FieldFrame label={t("designer.run.title")} faults={shown.faultsBeside(["task_name"])}>
        {(ids) => (
          <Input
            {...ids}
            value={shown.task.task_name ?? ""}
            placeholder={id}
            maxLength={255}
            onChange={(event) =>
              edit(
                (now) =>
                  withTask(now, id, (task) =>
                    setAt(task, ["task_name"], event.target.value || undefined),
                  ),
                { mark: `${id}:name` },
              )
            }
          />
        )}
      </FieldFrame>
      <FieldFrame
        label={t("designer.run.id")}
        description={isGood ? undefined : t("designer.run.idTaken")}
        faults={shown.faultsBeside(["task_id"])}
      >
        {(ids) => (
          <Input
            {...ids}
            className="mono"
            value={typed}
            {...(!isGood && { status: "error" as const })}
            onChange={(event) => setTyped(event.target.value)}
            onBlur={rename}
            onPressEnter={rename}
          />
        )}
      </FieldFrame>
    </>
  );
}
