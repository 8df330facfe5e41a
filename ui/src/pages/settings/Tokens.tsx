import { PlusOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Switch, type TableColumnType } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { revokeToken, TOKENS_KEY, useTokens, type Token } from "@/api/people";
import { useMay } from "@/api/session";
import { useNow } from "@/parts/clock";
import { Empty } from "@/parts/Empty";
import { Listing } from "@/parts/Listing";
import { ProblemNote } from "@/parts/ProblemNote";
import { Ago } from "@/parts/Times";
import { useTold } from "@/parts/useTold";

import { NewTokenForm } from "./NewTokenForm";
import { Shown } from "./Shown";
import { standingOf } from "./standing";

/** API tokens: what programs sign in with. */
export function Tokens() {
  const { t } = useTranslation();
  const isAdmin = useMay("admin");
  const [ofAll, setOfAll] = useState(false);
  const [isNew, setNew] = useState(false);
  const [secret, setSecret] = useState<string>();
  const { data: tokens, error, refetch } = useTokens(ofAll);
  const columns = useColumns(ofAll);
  const add = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setNew(true)}>
      {t("settings.tokens.new")}
    </Button>
  );
  return (
    <>
      <div className="above">
        <p className="soft">{t("settings.tokens.note")}</p>
        {(tokens?.length ?? 0) > 0 && add}
      </div>
      {isAdmin && (
        <p className="form-note">
          <Switch
            size="small"
            checked={ofAll}
            onChange={setOfAll}
            aria-label={t("settings.tokens.everybody")}
          />{" "}
          {t("settings.tokens.everybody")}
        </p>
      )}
      {error !== null && <ProblemNote error={error} onAgain={() => void refetch()} />}
      {tokens?.length === 0 ? (
        <Empty title={t("settings.tokens.none")} action={add}>
          {t("settings.tokens.noneHint")}
          <pre className="mono">SFW_TOKEN=… sfw chain ls</pre>
        </Empty>
      ) : (
        <Listing<Token>
          className="sheet"
          rowKey="token_id"
          loading={tokens === undefined && error === null}
          columns={columns}
          dataSource={[...(tokens ?? [])]}
          pagination={false}
          scroll={{ x: 760 }}
        />
      )}
      {isNew && (
        <NewTokenForm
          onClose={() => setNew(false)}
          onMade={(token) => {
            setNew(false);
            setSecret(token);
          }}
        />
      )}
      {secret !== undefined && (
        <Shown
          title={t("settings.tokens.made")}
          note={t("settings.tokens.madeNote")}
          secret={secret}
          onClose={() => setSecret(undefined)}
        />
      )}
    </>
  );
}

function useColumns(ofAll: boolean): TableColumnType<Token>[] {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const queries = useQueryClient();
  const told = useTold();
  const now = useNow("minute");
  const revoke = (token: Token) =>
    modal.confirm({
      title: t("settings.tokens.revokeAsk", { label: token.label }),
      content: t("settings.tokens.revokeSays"),
      okText: t("settings.tokens.revoke"),
      okButtonProps: { danger: true },
      cancelText: t("common.cancel"),
      onOk: async () => {
        await told(() => revokeToken(token.token_id), t("settings.tokens.revoked"));
        await queries.invalidateQueries({ queryKey: [TOKENS_KEY] });
      },
    });
  return [
    { key: "label", title: t("settings.tokens.label"), dataIndex: "label", ellipsis: true },
    ...(ofAll
      ? [{ key: "user", title: t("settings.users.name"), dataIndex: "user", width: 120 }]
      : []),
    {
      key: "prefix",
      title: t("settings.tokens.prefix"),
      width: 120,
      render: (_, token) => <code>{token.prefix}…</code>,
    },
    {
      key: "role",
      title: t("settings.users.role"),
      width: 110,
      render: (_, token) => t(`frame.role.${token.role}`),
    },
    {
      key: "used",
      title: t("settings.tokens.used"),
      width: 140,
      render: (_, token) =>
        token.last_used_at === null ? (
          <span className="faint">{t("settings.tokens.never")}</span>
        ) : (
          <Ago at={token.last_used_at} />
        ),
    },
    {
      key: "standing",
      title: t("settings.tokens.until"),
      width: 160,
      render: (_, token) => <Standing token={token} />,
    },
    {
      key: "revoke",
      title: <span className="hidden-visually">{t("settings.tokens.revoke")}</span>,
      width: 110,
      align: "right",
      render: (_, token) =>
        standingOf(token, now) === "good" && (
          <Button
            type="text"
            danger
            aria-label={`${t("settings.tokens.revoke")}: ${token.label}`}
            onClick={() => revoke(token)}
          >
            {t("settings.tokens.revoke")}
          </Button>
        ),
    },
  ];
}

function Standing({ token }: { token: Token }) {
  const { t } = useTranslation();
  const standing = standingOf(token, useNow("minute"));
  if (standing !== "good") {
    return <span className="faint">{t(`settings.tokens.standing.${standing}`)}</span>;
  }
  if (token.expires_at === null) return <span>{t("settings.tokens.forEver")}</span>;
  return <Ago at={token.expires_at} />;
}
