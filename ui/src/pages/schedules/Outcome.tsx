import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Firing } from "@/api/schedules";
import { StateMark } from "@/parts/StateMark";
import { Ago } from "@/parts/Times";
import { useServerWords } from "@/words/useServerWords";

/** What came of a due time: the run that it started, or why none. */
export function Outcome({ firing, chainId }: { firing: Firing; chainId: string }) {
  const { t } = useTranslation();
  const say = useServerWords();
  return (
    <span>
      {firing.outcome === "started" && firing.run_id !== null ? (
        <Link to={`/chains/${chainId}/runs/${firing.run_id}`}>
          <StateMark state={firing.run_status ?? "PENDING"} />
        </Link>
      ) : (
        <StateMark state={firing.outcome === "failed" ? "FAILURE" : "SKIPPED"} />
      )}
      <br />
      <span className="faint">
        <Ago at={firing.due_at} />
        {firing.reason !== null && ` · ${say(firing.reason)}`}
        {firing.missed > 0 && ` · ${t("schedules.missedTimes", { count: firing.missed })}`}
      </span>
    </span>
  );
}
