import { CompressOutlined, MinusOutlined, PlusOutlined } from "@ant-design/icons";
import { useReactFlow, useStore } from "@xyflow/react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

import styles from "./canvas.module.css";

interface Props {
  readonly fitKey: string;
  readonly isFilled: boolean;
}

/** The tools lie below what is fitted, not on it. */
const FIT = {
  padding: { top: "28px", right: "28px", bottom: "60px", left: "28px" },
} as const;
/** A canvas this large is a wall screen's, read from afar. */
const LARGE = { width: 1000, height: 800 };
/** After which what stands around the canvas has taken its place, and the canvas its size. */
const SETTLED_MS = 200;

/** Zoom, and the whole chain into view; also whenever `fitKey` changes. */
export function ZoomTools({ fitKey, isFilled }: Props) {
  const { t } = useTranslation();
  const flow = useReactFlow();
  const isLarge = useStore(({ width, height }) => width >= LARGE.width && height >= LARGE.height);
  const isSized = useStore(({ width, height }) => width > 0 && height > 0);
  useEffect(() => {
    if (!isFilled || !isSized) return;
    const fit = () => void flow.fitView({ ...FIT, maxZoom: isLarge ? 1.5 : 1 });
    const frame = requestAnimationFrame(fit);
    const later = setTimeout(fit, SETTLED_MS);
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(later);
    };
  }, [flow, fitKey, isFilled, isSized, isLarge]);
  return (
    <div className={styles.tools} role="group" aria-label={t("graph.zoom")}>
      <button type="button" aria-label={t("graph.zoomIn")} onClick={() => void flow.zoomIn()}>
        <PlusOutlined />
      </button>
      <button type="button" aria-label={t("graph.zoomOut")} onClick={() => void flow.zoomOut()}>
        <MinusOutlined />
      </button>
      <button
        type="button"
        aria-label={t("graph.fit")}
        onClick={() => void flow.fitView({ ...FIT, maxZoom: isLarge ? 1.5 : 1 })}
      >
        <CompressOutlined />
      </button>
    </div>
  );
}
