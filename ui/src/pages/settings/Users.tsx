import { LinkOutlined, PlusOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Select, Tooltip, type TableColumnType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import {
  changeUser,
  makeLink,
  ROLES,
  USERS_KEY,
  useUsers,
  type Link,
  type User,
} from "@/api/people";
import { useSession } from "@/api/session";
import { Listing } from "@/parts/Listing";
import { ProblemNote } from "@/parts/ProblemNote";
import { Ago } from "@/parts/Times";
import { useTold } from "@/parts/useTold";

import { NewUserForm } from "./NewUserForm";
import { Shown } from "./Shown";

/** The users, for admins: who may what, and the links by which they come in. */
export function Users() {
  const { t } = useTranslation();
  const [isNew, setNew] = useState(false);
  const [link, setLink] = useState<Link>();
  const { data: users, error, refetch } = useUsers();
  const columns = useColumns(setLink);
  return (
    <>
      <div className="above">
        <p className="soft">{t("settings.users.note")}</p>
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setNew(true)}>
          {t("settings.users.new")}
        </Button>
      </div>
      {error !== null && <ProblemNote error={error} onAgain={() => void refetch()} />}
      <Listing<User>
        className="sheet"
        rowKey="name"
        loading={users === undefined && error === null}
        columns={columns}
        dataSource={[...(users ?? [])]}
        pagination={false}
        scroll={{ x: 720 }}
      />
      {isNew && (
        <NewUserForm
          onClose={() => setNew(false)}
          onMade={(made) => {
            setNew(false);
            setLink(made);
          }}
        />
      )}
      {link !== undefined && (
        <Shown
          title={t("settings.users.linkFor", { name: link.name })}
          note={t("settings.users.linkNote")}
          secret={link.link}
          onClose={() => setLink(undefined)}
        />
      )}
    </>
  );
}

function useColumns(onLink: (link: Link) => void): TableColumnType<User>[] {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const queries = useQueryClient();
  const told = useTold();
  const me = useSession((session) => session.me?.name);

  const change = async (name: string, what: Parameters<typeof changeUser>[1]) => {
    await told(() => changeUser(name, what), t("settings.users.changed", { name }));
    await queries.invalidateQueries({ queryKey: [USERS_KEY] });
  };
  const disable = (name: string) =>
    modal.confirm({
      title: t("settings.users.disableAsk", { name }),
      content: t("settings.users.disableSays"),
      okText: t("settings.users.disable"),
      okButtonProps: { danger: true },
      cancelText: t("common.cancel"),
      onOk: () => change(name, { disabled: true }),
    });
  return [
    {
      key: "name",
      title: t("settings.users.name"),
      render: (_, user) => (
        <>
          <strong>{user.name}</strong>
          {user.name === me && <span className="faint"> · {t("settings.users.you")}</span>}
        </>
      ),
    },
    {
      key: "role",
      title: t("settings.users.role"),
      width: 160,
      render: (_, user) => (
        <Select
          className="fills"
          variant="borderless"
          value={user.role}
          disabled={user.disabled_at !== null}
          aria-label={`${t("settings.users.role")}: ${user.name}`}
          onChange={(role) => void change(user.name, { role })}
          options={ROLES.map((value) => ({ value, label: t(`frame.role.${value}`) }))}
        />
      ),
    },
    {
      key: "standing",
      title: t("settings.users.standing"),
      width: 190,
      render: (_, user) =>
        user.disabled_at !== null ? (
          <span className="faint">{t("settings.users.disabled")}</span>
        ) : user.has_password ? (
          t("settings.users.active")
        ) : (
          <span className="soft">{t("settings.users.noPassword")}</span>
        ),
    },
    {
      key: "since",
      title: t("settings.users.since"),
      width: 150,
      render: (_, user) => <Ago at={user.created_at} />,
    },
    {
      key: "actions",
      title: <span className="hidden-visually">{t("chains.actions")}</span>,
      width: 180,
      align: "right",
      render: (_, user) =>
        user.disabled_at !== null ? (
          <Button type="text" onClick={() => void change(user.name, { disabled: false })}>
            {t("settings.users.enable")}
          </Button>
        ) : (
          <>
            <Tooltip title={t("settings.users.link")}>
              <Button
                type="text"
                icon={<LinkOutlined />}
                aria-label={`${t("settings.users.link")}: ${user.name}`}
                onClick={() => void told(async () => onLink(await makeLink(user.name)))}
              />
            </Tooltip>
            <Button
              type="text"
              danger
              disabled={user.name === me}
              aria-label={`${t("settings.users.disable")}: ${user.name}`}
              onClick={() => disable(user.name)}
            >
              {t("settings.users.disable")}
            </Button>
          </>
        ),
    },
  ];
}
