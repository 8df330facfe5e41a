import {
  CheckCircleOutlined,
  DownOutlined,
  LoadingOutlined,
  UpOutlined,
  WarningOutlined,
} from "@ant-design/icons";
import { Button } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { PlacedFault } from "@/pages/designer/document/faults";
import { useDesigner } from "@/pages/designer/document/store";
import { FaultList } from "@/pages/designer/FaultList";
import { useChecked } from "@/pages/designer/useChecked";

import styles from "./designer.module.css";

interface Props {
  readonly onGo: (fault: PlacedFault) => void;
  /** Whether the YAML has its place here. */
  readonly hasText: boolean;
  readonly text: ReactNode;
}

/** Below the picture: how many faults there are, and unfolded the list of them, or the YAML. */
export function Bottom({ onGo, hasText, text }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<"faults" | "text">();
  const { faults, isChecking, problem } = useChecked();
  const textFault = useDesigner((designer) => designer.draft.fault);
  const count = faults.length + (textFault ? 1 : 0);
  const standing =
    problem !== undefined
      ? t("designer.faults.unchecked")
      : count > 0
        ? t("designer.faults.title", { count })
        : t("designer.faults.none");
  const toggle = (part: "faults" | "text") => setOpen(open === part ? undefined : part);
  return (
    <div className={styles.bottom}>
      {/* Not within the button, whose name would lack it. */}
      <span role="status" className="hidden-visually">
        {standing}
      </span>
      <div className={styles.bottomBar}>
        <Button
          type="text"
          size="small"
          aria-expanded={open === "faults"}
          icon={count > 0 || problem ? <WarningOutlined /> : <CheckCircleOutlined />}
          danger={count > 0}
          onClick={() => toggle("faults")}
        >
          {standing}
          {isChecking && <LoadingOutlined aria-label={t("designer.faults.checking")} />}
        </Button>
        {hasText && (
          <Button
            type="text"
            size="small"
            aria-expanded={open === "text"}
            icon={open === "text" ? <DownOutlined /> : <UpOutlined />}
            onClick={() => toggle("text")}
          >
            {t("designer.pane.text")}
          </Button>
        )}
      </div>
      {open === "faults" && <FaultList onGo={onGo} />}
      {open === "text" && hasText && <div className={styles.textPane}>{text}</div>}
    </div>
  );
}
