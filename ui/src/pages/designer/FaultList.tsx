import { Button } from "antd";
import { useTranslation } from "react-i18next";

import type { PlacedFault } from "@/pages/designer/document/faults";
import { findTask } from "@/pages/designer/document/chain";
import { useDesigner } from "@/pages/designer/document/store";
import { fieldOf } from "@/pages/designer/document/faults";
import { useChecked } from "@/pages/designer/useChecked";
import { ProblemNote } from "@/parts/ProblemNote";
import { useServerWords } from "@/words/useServerWords";

import { asSentence } from "@/pages/designer/form/sentence";
import { useNames } from "@/words/types/useNames";

import styles from "./designer.module.css";

/** Every fault of the chain; each leads to its task and field. */
export function FaultList({ onGo }: { onGo: (fault: PlacedFault) => void }) {
  const { t } = useTranslation();
  const say = useServerWords();
  const { faults, problem } = useChecked();
  const placeOf = usePlace();
  const textFault = useDesigner((designer) => designer.draft.fault);
  return (
    <div className={styles.faultList}>
      {textFault && (
        <p role="alert">{t("designer.faults.atText", { message: say(textFault.message) })}</p>
      )}
      {problem !== undefined && (
        <ProblemNote error={problem} title={t("designer.faults.unchecked")} />
      )}
      {faults.length === 0 && !textFault && problem === undefined && (
        <p className="faint">{t("designer.faults.none")}</p>
      )}
      <ul>
        {faults.map((fault, at) => (
          <li key={at}>
            <Button
              type="link"
              size="small"
              onClick={() => onGo(fault)}
              aria-label={`${t("designer.faults.go")} ${placeOf(fault)}`}
            >
              {placeOf(fault)}
            </Button>
            <span>{asSentence(say, fault.message)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Where a fault is, by the names that the picture and the form show. */
function usePlace(): (fault: PlacedFault) => string {
  const chain = useDesigner((designer) => designer.draft.chain);
  const names = useNames();
  return (fault) => {
    if (fault.task === undefined) return fault.path.join(".") || "·";
    const field = fieldOf(fault);
    const inner = fault.inTask.filter((step) => step !== "task_params" && step !== "task_config");
    const task = findTask(chain, fault.task);
    const name = task?.task_name ?? (task ? names.type(task.task_type) : fault.task);
    const steps = field === undefined ? inner : [names.field(field), ...inner.slice(1)];
    return [name, ...steps].join(" · ");
  };
}
