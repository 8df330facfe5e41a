import { Button } from "antd";
import { useTranslation } from "react-i18next";

import type { PlacedFault } from "@/pages/designer/document/faults";
import { useDesigner } from "@/pages/designer/document/store";
import { useChecked } from "@/pages/designer/useChecked";
import { ProblemNote } from "@/parts/ProblemNote";
import { useServerWords } from "@/words/useServerWords";

import styles from "./designer.module.css";

/** Every fault of the chain; each leads to its task and field. */
export function FaultList({ onGo }: { onGo: (fault: PlacedFault) => void }) {
  const { t } = useTranslation();
  const say = useServerWords();
  const { faults, problem } = useChecked();
  const textFault = useDesigner((designer) => designer.draft.fault);
  return (
    <div className={styles.faultList}>
      {textFault && (
        <p role="alert">{t("designer.faults.atText", { message: textFault.message })}</p>
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
              <code>{placeOf(fault)}</code>
            </Button>
            <span>{say(fault.message)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function placeOf(fault: PlacedFault): string {
  const inner = fault.inTask.filter((step) => step !== "task_params" && step !== "task_config");
  return fault.task === undefined
    ? fault.path.join(".") || "·"
    : [fault.task, ...inner].join(" · ");
}
