import {
  CaretRightOutlined,
  CopyOutlined,
  DownloadOutlined,
  EditOutlined,
  MoreOutlined,
  PauseOutlined,
  RedoOutlined,
  StopOutlined,
} from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown, Tooltip, type MenuProps } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { cloneChain, exportChain, LIST_KEY, type ChainLine } from "@/api/chains";
import { useDeed, type Deed } from "@/api/runs";
import { useMay } from "@/api/session";
import { saveFile } from "@/parts/files";
import { useTold } from "@/parts/useTold";

import { deedsOf } from "./deeds";

import styles from "./RowActions.module.css";

const icons: Record<Deed, ReactNode> = {
  execute: <CaretRightOutlined />,
  pause: <PauseOutlined />,
  resume: <CaretRightOutlined />,
  cancel: <StopOutlined />,
  retry: <RedoOutlined />,
};
const ASKED_FIRST: readonly Deed[] = ["pause", "cancel"];

/** What can be done to a chain: the likeliest as a button, the rest in a menu. */
export function RowActions({ chain }: { chain: ChainLine }) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const told = useTold();
  const isOperator = useMay("operator");
  const { mutateAsync, isPending } = useDeed(chain.chain_id);
  const deeds = isOperator ? deedsOf(chain) : [];
  const first = deeds[0];

  const carryOut = async (deed: Deed) => {
    await told(() => mutateAsync({ deed }), t(`chains.done.${deed}`, { name: chain.chain_name }));
    await queries.invalidateQueries({ queryKey: [LIST_KEY] });
  };
  const start = (deed: Deed) => {
    if (!ASKED_FIRST.includes(deed)) return void carryOut(deed);
    modal.confirm({
      title: t(`chains.ask.${deed as "pause" | "cancel"}`, { name: chain.chain_name }),
      content: t(`chains.says.${deed as "pause" | "cancel"}`),
      okText: t(`chains.deed.${deed}`),
      cancelText: t("common.back"),
      okButtonProps: { danger: deed === "cancel" },
      onOk: () => carryOut(deed),
    });
  };
  const others: Record<string, () => void> = {
    edit: () => void navigate(`/chains/${chain.chain_id}/edit`),
    clone: () =>
      void told(async () => void navigate(`/chains/${await cloneChain(chain.chain_id)}/edit`)),
    export: () =>
      void told(async () => {
        const text = await exportChain(chain.chain_id);
        saveFile(`${chain.chain_id}.yaml`, text, "application/yaml");
      }),
    schedule: () => void navigate(`/schedules?chain=${chain.chain_id}`),
  };
  const items: MenuProps["items"] = [
    ...deeds.map((deed) => ({
      key: deed,
      icon: icons[deed],
      danger: deed === "cancel",
      label: t(`chains.deed.${deed}`),
    })),
    ...(isOperator
      ? [
          { type: "divider" as const },
          { key: "edit", icon: <EditOutlined />, label: t("common.edit") },
          { key: "clone", icon: <CopyOutlined />, label: t("chains.clone") },
          { key: "schedule", label: t("chains.schedule") },
        ]
      : []),
    { key: "export", icon: <DownloadOutlined />, label: t("chains.export") },
  ];

  return (
    <span className={styles.actions}>
      {first !== undefined && (
        <Tooltip title={t(`chains.deed.${first}`)}>
          <Button
            type="text"
            icon={icons[first]}
            loading={isPending}
            aria-label={`${t(`chains.deed.${first}`)}: ${chain.chain_name}`}
            onClick={() => start(first)}
          />
        </Tooltip>
      )}
      <Dropdown
        trigger={["click"]}
        placement="bottomRight"
        menu={{
          items,
          onClick: ({ key }) => (others[key] ?? (() => start(key as Deed)))(),
        }}
      >
        <Button
          type="text"
          icon={<MoreOutlined />}
          aria-label={t("chains.actionsOf", { name: chain.chain_name })}
        />
      </Dropdown>
    </span>
  );
}
