/** Every state that a chain, a run, a task or an attempt can be in. */
export type State =
  | "PENDING"
  | "QUEUED"
  | "RUNNING"
  | "RETRY"
  | "PAUSED"
  | "SUCCESS"
  | "FAILURE"
  | "SKIPPED"
  | "CANCELLED";

const colors: Record<State, string> = {
  PENDING: "var(--state-idle)",
  QUEUED: "var(--state-idle)",
  RUNNING: "var(--state-running)",
  RETRY: "var(--state-paused)",
  PAUSED: "var(--state-paused)",
  SUCCESS: "var(--state-success)",
  FAILURE: "var(--state-failure)",
  SKIPPED: "var(--state-idle)",
  CANCELLED: "var(--state-idle)",
};

/** The state's colour, for what stands beside its shape: a bar, a node's edge. */
export function colorOf(state: State): string {
  return colors[state];
}

interface Props {
  readonly state: State;
  /** From 0 to 1, while it runs. */
  readonly progress?: number | undefined;
  readonly size?: number;
}

const ROUND = 2 * Math.PI * 6;

function Shape({ state, progress }: { state: State; progress: number | undefined }) {
  switch (state) {
    case "PENDING":
      return <circle cx="8" cy="8" r="6" strokeDasharray="2.4 2.31" />;
    case "QUEUED":
      return <circle cx="8" cy="8" r="6" />;
    case "RUNNING": {
      const part = progress === undefined ? 0.25 : Math.min(Math.max(progress, 0.03), 1);
      return (
        <>
          <circle cx="8" cy="8" r="6" strokeWidth="3" opacity="0.28" />
          <circle
            cx="8"
            cy="8"
            r="6"
            strokeWidth="3"
            strokeDasharray={`${part * ROUND} ${ROUND}`}
            transform="rotate(-90 8 8)"
          />
        </>
      );
    }
    case "RETRY":
      return <path d="M13.4 5.2A6 6 0 1 0 14 8.6M13.8 2.2v3.4h-3.4" />;
    case "PAUSED":
      return <path d="M5.6 3.5v9M10.4 3.5v9" strokeWidth="2.6" />;
    case "SUCCESS":
      return <path d="M3 8.6l3.4 3.5L13 4.6" strokeWidth="2.4" />;
    case "FAILURE":
      return <path d="M4 4l8 8M12 4l-8 8" strokeWidth="2.4" />;
    case "SKIPPED":
      return <path d="M3.5 8h9" strokeWidth="2.4" />;
    case "CANCELLED":
      return (
        <>
          <circle cx="8" cy="8" r="6" />
          <path d="M3.8 12.2l8.4-8.4" />
        </>
      );
  }
}

/** A state's shape alone, in its colour; say the word beside it. */
export function StateShape({ state, progress, size = 16 }: Props) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke={colors[state]}
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <Shape state={state} progress={progress} />
    </svg>
  );
}
