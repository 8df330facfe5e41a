import {
  CaretRightOutlined,
  EditOutlined,
  MoreOutlined,
  PauseOutlined,
  RedoOutlined,
  StopOutlined,
} from "@ant-design/icons";
import { App, Button, Dropdown, type MenuProps } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { api } from "@/api/client";
import { isLive, type Chain, type RunLine } from "@/api/runs";
import { useMay } from "@/api/session";
import { fileName } from "@/charts/download";
import { save } from "@/parts/files";

import { useAsk } from "./useAsk";

interface Props {
  readonly chain: Chain;
  readonly run: RunLine | undefined;
  /** Whether the page shows the newest run, which alone can be changed. */
  readonly isNewest: boolean;
}

/** What can be done to a run; each says first what it does to tasks that are running. */
export function RunActions({ chain, run, isNewest }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const mayChange = useMay("operator");
  const { ask, doing } = useAsk(chain, run);
  const hasRun = chain.celery_chain_id !== null;
  const isGoingOn = hasRun && isLive(chain.status);
  const hasFailed = chain.tasks.some((task) => ["FAILURE", "CANCELLED"].includes(task.status));

  const items: MenuProps["items"] = [
    { key: "compare", label: t("run.compareRuns"), disabled: !hasRun },
    { key: "versions", label: t("run.versions") },
    { key: "export", label: t("run.exportYaml") },
  ];

  async function choose(key: string) {
    if (key === "export") {
      const { data } = await api.GET("/api/v1/chains/{chain_id}/export", {
        params: { path: { chain_id: chain.chain_id } },
        parseAs: "text",
      });
      save(
        fileName(chain.chain_name, "yaml"),
        new Blob([String(data)], { type: "application/yaml" }),
      );
      void message.success(t("run.exported"));
    } else if (key === "compare") {
      void navigate(`/compare?chain=${chain.chain_id}`);
    } else {
      void navigate(`/chains/${chain.chain_id}/edit?versions`);
    }
  }

  return (
    <>
      {mayChange && isNewest && isGoingOn && chain.status === "PAUSED" && (
        <Button
          type="primary"
          icon={<CaretRightOutlined />}
          loading={doing === "resume"}
          onClick={() => ask("resume")}
        >
          {t("run.resume")}
        </Button>
      )}
      {mayChange && isNewest && isGoingOn && chain.status === "RUNNING" && (
        <Button icon={<PauseOutlined />} loading={doing === "pause"} onClick={() => ask("pause")}>
          {t("run.pause")}
        </Button>
      )}
      {mayChange && isNewest && isGoingOn && (
        <Button
          danger
          icon={<StopOutlined />}
          loading={doing === "cancel"}
          onClick={() => ask("cancel")}
        >
          {t("run.cancelRun")}
        </Button>
      )}
      {mayChange && isNewest && hasFailed && (
        <Button icon={<RedoOutlined />} loading={doing === "retry"} onClick={() => ask("retry")}>
          {t("run.retryFailed")}
        </Button>
      )}
      {mayChange && !isGoingOn && (
        <Button
          type="primary"
          icon={<CaretRightOutlined />}
          loading={doing === "execute"}
          onClick={() => ask("execute")}
        >
          {hasRun ? t("run.runAgain") : t("run.run")}
        </Button>
      )}
      {mayChange && (
        <Button
          icon={<EditOutlined />}
          disabled={isGoingOn}
          onClick={() => void navigate(`/chains/${chain.chain_id}/edit`)}
        >
          {t("run.edit")}
        </Button>
      )}
      <Dropdown trigger={["click"]} menu={{ items, onClick: ({ key }) => void choose(key) }}>
        <Button icon={<MoreOutlined />} aria-label={t("run.more")} />
      </Dropdown>
    </>
  );
}
