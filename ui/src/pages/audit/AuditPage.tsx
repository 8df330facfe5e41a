import { DownloadOutlined, SafetyCertificateOutlined } from "@ant-design/icons";
import { Alert, Button, Input, Result, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { allRecords, useAudit, useVerdict } from "@/api/audit";
import { useMay } from "@/api/session";
import { Empty } from "@/parts/Empty";
import { saveFile } from "@/parts/files";
import { useFormat } from "@/parts/format";
import { Page } from "@/parts/Page";
import { ProblemNote } from "@/parts/ProblemNote";
import { useTold } from "@/parts/useTold";

import { Records } from "./Records";

import styles from "./AuditPage.module.css";

/** Who did what, in a chain of hashes that shows when a record was changed. */
export function Component() {
  const { t } = useTranslation();
  const isAdmin = useMay("admin");
  if (!isAdmin) {
    return (
      <Page title={t("audit.title")}>
        <Result status="403" title={t("audit.adminsOnly")} subTitle={t("audit.adminsOnlyHint")} />
      </Page>
    );
  }
  return <Audit />;
}

function Audit() {
  const { t } = useTranslation();
  const told = useTold();
  const [params, setParams] = useSearchParams();
  const given = params.get("who") ?? "";
  const who = /^[\w.@-]{1,64}$/.test(given) ? given : "";
  const [text, setText] = useState(who);
  const [isChecking, setChecking] = useState(false);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useAudit(who);
  const records = data?.pages.flatMap((page) => page.items);

  const narrow = (name: string) => {
    setText(name);
    setParams(name === "" ? {} : { who: name }, { replace: true });
  };
  const exportAll = () =>
    told(async () => {
      const lines = (await allRecords(who)).map((record) => JSON.stringify(record));
      saveFile("audit.jsonl", `${lines.join("\n")}\n`, "application/x-ndjson");
    });

  return (
    <Page
      title={t("audit.title")}
      note={t("audit.note")}
      actions={
        <>
          <Button icon={<SafetyCertificateOutlined />} onClick={() => setChecking(true)}>
            {t("audit.verify")}
          </Button>
          <Button icon={<DownloadOutlined />} onClick={() => void exportAll()}>
            {t("audit.export")}
          </Button>
        </>
      }
    >
      {isChecking && <Verdict onClose={() => setChecking(false)} />}
      <Input.Search
        className={styles.who ?? ""}
        allowClear
        placeholder={t("audit.byWho")}
        aria-label={t("audit.byWho")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onSearch={(name) => narrow(name.trim())}
      />
      {error !== null && <ProblemNote error={error} onAgain={() => void refetch()} />}
      {records === undefined && error === null && <Skeleton active paragraph={{ rows: 12 }} />}
      {records?.length === 0 && <Empty title={t("audit.nothing")} />}
      {records !== undefined && records.length > 0 && <Records records={records} onWho={narrow} />}
      {hasNextPage && (
        <Button
          className={styles.more ?? ""}
          loading={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          {t("audit.older")}
        </Button>
      )}
    </Page>
  );
}

function Verdict({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, isFetching } = useVerdict(true);
  if (error !== null) return <ProblemNote error={error} />;
  const isIntact = data?.is_intact ?? true;
  const words =
    isFetching || data === undefined
      ? t("audit.checking")
      : isIntact
        ? t("audit.intact", { count: data.records, shown: format.count(data.records) })
        : t("audit.broken", { at: data.broken_at });
  return (
    <Alert
      className={styles.verdict ?? ""}
      showIcon
      role="status"
      type={isFetching ? "info" : isIntact ? "success" : "error"}
      title={words}
      description={!isFetching && !isIntact ? t("audit.brokenHint") : undefined}
      closable={{ onClose }}
    />
  );
}
