import { useTranslation } from "react-i18next";

import { colorOf, StateShape, type State } from "@/parts/StateShape";

import styles from "./StateMark.module.css";

interface Props {
  readonly state: State;
  /** From 0 to 1, while it runs. */
  readonly progress?: number | undefined;
  /** A failure's error code. */
  readonly code?: string | undefined;
}

/** A state by shape, word and colour; a failure with its code. */
export function StateMark({ state, progress, code }: Props) {
  const { t } = useTranslation();
  return (
    <span className={styles.mark} style={{ color: colorOf(state) }}>
      <StateShape state={state} progress={progress} />
      <span>{t(`state.${state}`)}</span>
      {code !== undefined && state === "FAILURE" && <code className={styles.code}>{code}</code>}
    </span>
  );
}
