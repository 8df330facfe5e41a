import { App, Checkbox } from "antd";
import { useRef } from "react";
import { useTranslation } from "react-i18next";

import { useDeed, type Chain, type Deed, type RunLine } from "@/api/runs";
import { ProblemNote } from "@/parts/ProblemNote";

import { nameOf } from "./picture";
import { retried } from "./retry";

/** How many names a question lists before it only counts. */
const MOST_NAMES = 6;

/**
 * Ask before something is done to a run: what it will do to tasks that are running, then do it.
 *
 * One question stands at a time, and its button works once: clicks in a row do nothing more.
 */
export function useAsk(chain: Chain, run: RunLine | undefined) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const { mutateAsync, isPending, variables } = useDeed(chain.chain_id);
  const isAsking = useRef(false);
  const isReusing = useRef(false);

  function ask(deed: Deed, taskIds: readonly string[] = []) {
    if (isAsking.current || isPending) return;
    isAsking.current = true;
    isReusing.current = false;
    const { title, says } = question(deed, taskIds);
    modal.confirm({
      title,
      content: (
        <div style={{ display: "grid", gap: 8 }}>
          {says.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
          {deed === "execute" && chain.celery_chain_id !== null && (
            <div>
              <Checkbox
                onChange={({ target }) => {
                  isReusing.current = target.checked;
                }}
              >
                {t("run.reuse")}
              </Checkbox>
              <p className="faint">{t("run.reuseHint")}</p>
            </div>
          )}
        </div>
      ),
      icon: null,
      width: 480,
      okText: okText(deed, chain.celery_chain_id !== null),
      cancelText: t("run.keep"),
      okButtonProps: { danger: deed === "cancel" },
      autoFocusButton: deed === "cancel" ? "cancel" : "ok",
      afterClose: () => {
        isAsking.current = false;
      },
      onOk: async () => {
        try {
          await mutateAsync({ deed, taskIds, isReusing: isReusing.current });
        } catch (error) {
          modal.error({ title, icon: null, content: <ProblemNote error={error} /> });
        }
      },
    });
  }

  function question(deed: Deed, taskIds: readonly string[]) {
    const running = chain.tasks.filter((task) => task.status === "RUNNING").length;
    switch (deed) {
      case "pause":
        return { title: t("run.askPause"), says: [t("run.pauseRunning", { count: running })] };
      case "cancel":
        return {
          title: t("run.askCancel"),
          says: [t("run.cancelRunning", { count: running }), t("run.cancelKept")],
        };
      case "resume":
        return { title: t("run.askResume"), says: [t("run.resumeReady")] };
      case "execute":
        return {
          title: t("run.askRunAgain", { version: chain.version }),
          says: [t("run.runAgainHint", { number: (run?.number ?? 0) + 1 })],
        };
      case "retry": {
        const again = retried(chain.tasks, taskIds);
        const named = again.slice(0, MOST_NAMES).map(nameOf).join(", ");
        const first = chain.tasks.find((task) => task.node_id === taskIds[0]);
        const stopped = again.some((task) => ["RUNNING", "QUEUED"].includes(task.status));
        return {
          title: first ? t("run.askRetryHere", { task: nameOf(first) }) : t("run.askRetry"),
          says: [
            t("run.retryWhat", {
              count: again.length,
              tasks: again.length > MOST_NAMES ? `${named}, …` : named,
            }),
            ...(stopped ? [t("run.retryStops")] : []),
            t("run.retryKept"),
          ],
        };
      }
    }
  }

  function okText(deed: Deed, hasRun: boolean): string {
    if (deed === "execute") return hasRun ? t("run.runAgain") : t("run.run");
    if (deed === "cancel") return t("chains.deed.cancel");
    return t(`run.${deed}`);
  }

  return { ask, doing: isPending ? variables?.deed : undefined };
}
