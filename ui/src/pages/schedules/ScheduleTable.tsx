import { DeleteOutlined, EditOutlined, HistoryOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Switch, Tooltip, type TableColumnType } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { deleteSchedule, SCHEDULES_KEY, switchSchedule, type Schedule } from "@/api/schedules";
import { useMay } from "@/api/session";
import { Listing } from "@/parts/Listing";
import { Ago } from "@/parts/Times";
import { useTold } from "@/parts/useTold";

import { Outcome } from "./Outcome";
import { When } from "./When";

interface Props {
  readonly schedules: readonly Schedule[];
  readonly onEdit: (schedule: Schedule) => void;
  readonly onShow: (schedule: Schedule) => void;
}

/** The schedules as rows: what, when, when next, and how the last one went. */
export function ScheduleTable({ schedules, onEdit, onShow }: Props) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const queries = useQueryClient();
  const told = useTold();
  const isOperator = useMay("operator");
  const change = async (act: () => Promise<void>, done: string) => {
    await told(act, done);
    await queries.invalidateQueries({ queryKey: [SCHEDULES_KEY] });
  };
  const remove = (schedule: Schedule) =>
    modal.confirm({
      title: t("schedules.deleteAsk", { name: schedule.name }),
      content: t("schedules.deleteSays"),
      okText: t("common.delete"),
      okButtonProps: { danger: true },
      cancelText: t("common.cancel"),
      onOk: () => change(() => deleteSchedule(schedule.schedule_id), t("schedules.deleted")),
    });

  const columns: TableColumnType<Schedule>[] = [
    {
      key: "on",
      title: t("schedules.on"),
      width: 76,
      render: (_, schedule) => (
        <Switch
          size="small"
          checked={schedule.is_enabled}
          disabled={!isOperator}
          aria-label={`${t("schedules.on")}: ${schedule.name}`}
          onChange={(isOn) =>
            void change(
              () => switchSchedule(schedule.schedule_id, isOn),
              t(isOn ? "schedules.isOn" : "schedules.isOff", { name: schedule.name }),
            )
          }
        />
      ),
    },
    {
      key: "name",
      title: t("schedules.name"),
      render: (_, schedule) => (
        <>
          <strong>{schedule.name}</strong>
          <br />
          <Link to={`/chains/${schedule.chain_id}`}>{schedule.chain_name}</Link>
        </>
      ),
    },
    {
      key: "when",
      title: t("schedules.when"),
      width: 250,
      render: (_, schedule) => <When {...schedule} />,
    },
    {
      key: "next",
      title: t("schedules.next"),
      width: 140,
      render: (_, { due_at, is_enabled }) =>
        due_at === null || !is_enabled ? <span className="faint">–</span> : <Ago at={due_at} />,
    },
    {
      key: "last",
      title: t("schedules.last"),
      width: 230,
      render: (_, { last, chain_id }) =>
        last === null ? (
          <span className="faint">{t("schedules.never")}</span>
        ) : (
          <Outcome firing={last} chainId={chain_id} />
        ),
    },
    {
      key: "actions",
      title: <span className="hidden-visually">{t("chains.actions")}</span>,
      width: 148,
      className: "unbroken",
      align: "right",
      render: (_, schedule) => (
        <>
          <Action
            name={t("schedules.history")}
            of={schedule.name}
            icon={<HistoryOutlined />}
            onGo={() => onShow(schedule)}
          />
          {isOperator && (
            <>
              <Action
                name={t("common.edit")}
                of={schedule.name}
                icon={<EditOutlined />}
                onGo={() => onEdit(schedule)}
              />
              <Action
                name={t("common.delete")}
                of={schedule.name}
                icon={<DeleteOutlined />}
                onGo={() => remove(schedule)}
              />
            </>
          )}
        </>
      ),
    },
  ];
  return (
    <Listing<Schedule>
      className="sheet"
      rowKey="schedule_id"
      columns={columns}
      dataSource={[...schedules]}
      pagination={false}
      scroll={{ x: 940 }}
    />
  );
}

interface ActionProps {
  readonly name: string;
  readonly of: string;
  readonly icon: ReactNode;
  readonly onGo: () => void;
}

function Action({ name, of, icon, onGo }: ActionProps) {
  return (
    <Tooltip title={name}>
      <Button type="text" icon={icon} aria-label={`${name}: ${of}`} onClick={onGo} />
    </Tooltip>
  );
}
