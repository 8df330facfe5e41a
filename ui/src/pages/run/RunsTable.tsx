import { Button, Checkbox } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";

import type { RunLine } from "@/api/runs";
import { Listing } from "@/parts/Listing";
import { StateMark } from "@/parts/StateMark";
import { Ago, Duration } from "@/parts/Times";

const MOST = 6;

interface Props {
  readonly chainId: string;
  readonly runs: readonly RunLine[];
  readonly shown: string;
}

/** The runs that a chain has had; some of them can be compared. */
export function RunsTable({ chainId, runs, shown }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const runsOf = chosen.map((id) => `run=${chainId}/${id}`).join("&");
  return (
    <>
      <Listing<RunLine>
        rowKey="run_id"
        dataSource={[...runs]}
        pagination={runs.length > 20 ? { pageSize: 20 } : false}
        scroll={{ x: "max-content" }}
        columns={[
          {
            key: "chosen",
            title: <span className="hidden-visually">{t("compare.title")}</span>,
            width: 48,
            render: (_, run) => (
              <Checkbox
                aria-label={t("compare.choose", { number: run.number })}
                checked={chosen.includes(run.run_id)}
                disabled={chosen.length >= MOST && !chosen.includes(run.run_id)}
                onChange={({ target }) =>
                  setChosen((before) =>
                    target.checked
                      ? [...before, run.run_id]
                      : before.filter((id) => id !== run.run_id),
                  )
                }
              />
            ),
          },
          {
            key: "number",
            title: t("run.title"),
            render: (_, run) => (
              <Link
                to={`/chains/${chainId}/runs/${run.run_id}`}
                aria-current={run.run_id === shown ? "page" : undefined}
              >
                {t("run.number", { number: run.number })}
              </Link>
            ),
          },
          {
            key: "status",
            title: t("run.state"),
            render: (_, run) => <StateMark state={run.status} code={run.error?.code} />,
          },
          { key: "version", title: t("compare.version"), dataIndex: "version" },
          {
            key: "started",
            title: t("compare.started"),
            render: (_, run) => run.started_at && <Ago at={run.started_at} />,
          },
          {
            key: "took",
            title: t("compare.took"),
            render: (_, run) =>
              run.started_at && <Duration from={run.started_at} to={run.ended_at} />,
          },
          { key: "by", title: t("compare.by"), dataIndex: "started_by" },
        ]}
      />
      <Button
        style={{ marginTop: 12 }}
        disabled={chosen.length < 2}
        onClick={() => void navigate(`/compare?${runsOf}`)}
      >
        {t("compare.compareChosen", { count: chosen.length })}
      </Button>
    </>
  );
}
