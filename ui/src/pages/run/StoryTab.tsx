import { useTranslation } from "react-i18next";

import { useFormat } from "@/parts/format";
import { StateShape, type State } from "@/parts/StateShape";
import { Duration } from "@/parts/Times";
import { useServerWords } from "@/words/useServerWords";

import { partiesNow, turnsOf, type TaskNow } from "./model/now";
import type { Line } from "./model/story";
import styles from "./TaskDrawer.module.css";

/** What happened to a task: each turn with its time and its reason, and how far each party is. */
export function StoryTab({ lines, now }: { lines: readonly Line[]; now: TaskNow }) {
  const { t } = useTranslation();
  const turns = turnsOf(lines);
  const parties = now.status === "RUNNING" ? partiesNow(lines) : [];
  if (turns.length === 0) return <p className="faint">{t("run.noStory")}</p>;
  return (
    <>
      {now.status === "RUNNING" && (
        <section className={styles.part}>
          <h2>{t("run.byParty")}</h2>
          <div className={styles.progress}>
            {parties.length === 0 && <Progress name={t("run.task")} part={now.progress} />}
            {parties.map(({ party, progress }) => (
              <Progress key={party} name={party} part={progress} />
            ))}
          </div>
        </section>
      )}
      <ol className={styles.turns}>
        {turns.map((turn, at) => (
          <Turn
            key={turn.id}
            turn={turn}
            before={turns[at - 1]}
            after={turns[at + 1]}
            isOver={ENDS.includes(now.status)}
          />
        ))}
      </ol>
    </>
  );
}

/** After these nothing more is waited for. */
const ENDS: readonly State[] = ["SUCCESS", "FAILURE", "SKIPPED", "CANCELLED"];

const FOUND = {
  kept: "SUCCESS",
  unchecked: "SUCCESS",
  forgotten: "RETRY",
  changed: "RETRY",
} as const;

interface TurnProps {
  readonly turn: Line;
  readonly before: Line | undefined;
  readonly after: Line | undefined;
  /** Whether the task has ended, so that nothing counts any more. */
  readonly isOver: boolean;
}

function Turn({ turn, before, after, isOver }: TurnProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const state = turn.found ? FOUND[turn.found.holds] : (turn.status ?? "RUNNING");
  const title = turn.found
    ? t(`run.found.${turn.found.holds}`)
    : state === "RUNNING" && turn.stage
      ? t(`run.stage.${turn.stage}`)
      : t(`run.turn.${state}`);
  const isNewAttempt = turn.attempt > 1 && turn.attempt !== before?.attempt;
  return (
    <li>
      {state === "RUNNING" && after !== undefined ? (
        <Past />
      ) : (
        <StateShape state={state} progress={turn.progress} />
      )}
      <span>
        <strong>{title}</strong>
        {isNewAttempt && (
          <span className="faint"> · {t("run.attempt", { number: turn.attempt })}</span>
        )}
        {!ENDS.includes(state) && (after !== undefined || !isOver) && (
          <span className="faint">
            {" · "}
            <Duration from={turn.at} to={after?.at} />
          </span>
        )}
      </span>
      <time dateTime={turn.at} title={format.when(turn.at)}>
        {format.time(turn.at)}
      </time>
      <Why turn={turn} />
    </li>
  );
}

/** A turn that is over: what goes on has a ring, and only the last one goes on. */
function Past() {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <circle cx="8" cy="8" r="4" fill="var(--state-idle)" />
    </svg>
  );
}

function Why({ turn }: { turn: Line }) {
  const { t } = useTranslation();
  const say = useServerWords();
  if (turn.found) {
    return turn.found.why === "" ? null : <span className={styles.why}>{say(turn.found.why)}</span>;
  }
  if (turn.error) {
    const { code, message, party } = turn.error;
    return (
      <span className={styles.why}>
        <code>{code}</code>
        {party !== undefined && ` ${t("run.atParty", { party })}`}: {say(message)}
      </span>
    );
  }
  if (turn.skipReason) {
    return <span className={styles.why}>{t(`run.skippedBy.${turn.skipReason}`)}</span>;
  }
  if (turn.status === "QUEUED" && turn.attempt <= 1) {
    return <span className={styles.why}>{t("run.queuedWhy")}</span>;
  }
  return null;
}

function Progress({ name, part }: { name: string; part: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <span>{name}</span>
      <span
        className={styles.bar}
        role="progressbar"
        aria-label={t("run.progressOf", { name })}
        aria-valuenow={Math.round(part * 100)}
      >
        <i style={{ width: `${part * 100}%` }} />
      </span>
      <span className="numbers">{format.percent(part)}</span>
    </>
  );
}
