import { CompressOutlined, MinusOutlined, PlusOutlined } from "@ant-design/icons";
import { useReactFlow } from "@xyflow/react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import styles from "./canvas.module.css";

interface Props {
  readonly fitKey: string;
  readonly isFilled: boolean;
}

const FIT = { padding: 0.12, maxZoom: 1 };

/** Zoom, and the whole chain into view; also whenever `fitKey` changes. */
export function ZoomTools({ fitKey, isFilled }: Props) {
  const { t } = useTranslation();
  const flow = useReactFlow();
  useEffect(() => {
    if (!isFilled) return;
    const frame = requestAnimationFrame(() => void flow.fitView(FIT));
    return () => cancelAnimationFrame(frame);
  }, [flow, fitKey, isFilled]);
  return (
    <div className={styles.tools} role="group" aria-label={t("graph.zoom")}>
      <button type="button" aria-label={t("graph.zoomIn")} onClick={() => void flow.zoomIn()}>
        <PlusOutlined />
      </button>
      <button type="button" aria-label={t("graph.zoomOut")} onClick={() => void flow.zoomOut()}>
        <MinusOutlined />
      </button>
      <button type="button" aria-label={t("graph.fit")} onClick={() => void flow.fitView(FIT)}>
        <CompressOutlined />
      </button>
    </div>
  );
}
