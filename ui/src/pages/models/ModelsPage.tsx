import { Pagination, Segmented, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";

import { useModels, type ModelLine } from "@/api/models";
import { Empty } from "@/parts/Empty";
import { Listing } from "@/parts/Listing";
import { Page } from "@/parts/Page";
import { ProblemNote } from "@/parts/ProblemNote";
import { Ago } from "@/parts/Times";
import { useNames } from "@/words/types/useNames";

import { ModelPage } from "./ModelPage";

type Kind = "all" | "model" | "rules";

/** Every model and rules file that runs have made; one of them in full by its id. */
export function Component() {
  const { modelId } = useParams();
  return modelId === undefined ? <Models /> : <ModelPage key={modelId} modelId={modelId} />;
}

function Models() {
  const { t } = useTranslation();
  const names = useNames();
  const [kind, setKind] = useState<Kind>("all");
  const [page, setPage] = useState(1);
  const { data, error, refetch } = useModels({ page, ...(kind === "all" ? {} : { kind }) });
  const isEmpty = data?.total === 0 && kind === "all";

  return (
    <Page title={t("models.title")} note={t("models.note")}>
      {error && !data && (
        <ProblemNote
          title={t("models.failedToLoad")}
          error={error}
          onAgain={() => void refetch()}
        />
      )}
      {!data && !error && <Skeleton active paragraph={{ rows: 6 }} />}
      {isEmpty && (
        <Empty
          title={t("models.empty")}
          action={<Link to="/templates">{t("models.toTemplates")}</Link>}
        >
          {t("models.emptyHint")}
        </Empty>
      )}
      {data && !isEmpty && (
        <>
          <Segmented<Kind>
            style={{ marginBottom: 16 }}
            value={kind}
            onChange={(chosen) => {
              setKind(chosen);
              setPage(1);
            }}
            options={(["all", "model", "rules"] as const).map((each) => ({
              value: each,
              label: t(`models.${each}`),
            }))}
          />
          <Listing<ModelLine>
            className="sheet"
            rowKey="model_id"
            dataSource={data.items}
            pagination={false}
            scroll={{ x: "max-content" }}
            columns={[
              {
                key: "type",
                title: t("models.type"),
                render: (_, line) => (
                  <>
                    <Link to={`/models/${line.model_id}`}>{names.type(line.task_type)}</Link>{" "}
                    <span className="faint">
                      {line.kind === "model" ? t("models.kindModel") : t("models.kindRules")}
                    </span>
                    <br />
                    <code className="faint">{line.task_type}</code>
                  </>
                ),
              },
              {
                key: "task",
                title: t("models.madeBy"),
                render: (_, line) => (
                  <Link to={`/chains/${line.chain_id}/runs/${line.run_id}?task=${line.task_id}`}>
                    {line.task_id}
                  </Link>
                ),
              },
              {
                key: "holders",
                title: t("models.holders"),
                render: (_, line) => Object.keys(line.holders).join(", "),
              },
              {
                key: "when",
                title: t("models.when"),
                render: (_, line) => <Ago at={line.created_at} />,
              },
              { key: "by", title: t("models.by"), dataIndex: "created_by" },
            ]}
          />
          <Pagination
            style={{ marginTop: 16 }}
            hideOnSinglePage
            current={page}
            pageSize={data.page_size}
            total={data.total}
            showSizeChanger={false}
            onChange={setPage}
          />
        </>
      )}
    </Page>
  );
}
