import { Pagination, Skeleton } from "antd";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { useChains } from "@/api/chains";
import { usePhone } from "@/frame/media";
import { Empty } from "@/parts/Empty";
import { useFormat } from "@/parts/format";
import { Page } from "@/parts/Page";
import { ProblemNote } from "@/parts/ProblemNote";

import { ChainCards } from "./ChainCards";
import { ChainTable } from "./ChainTable";
import { Filters } from "./Filters";
import { FirstSteps } from "./FirstSteps";
import { NewChain } from "./NewChain";
import { isNarrowed, PAGE_SIZES, queryOf, readView, writeView, type View } from "./view";
import { Welcome } from "./Welcome";

import styles from "./ChainsPage.module.css";

/** Every chain: what state it is in, whose it is, and what can be done to it. */
export function Component() {
  const { t } = useTranslation();
  const format = useFormat();
  const isPhone = usePhone();
  const [params, setParams] = useSearchParams();
  const view = useMemo(() => readView(params), [params]);
  const { data, error, refetch, isPlaceholderData } = useChains(queryOf(view));

  const change = useCallback(
    (changed: Partial<View>) =>
      setParams((now) => writeView({ ...readView(now), page: 1, ...changed }), {
        replace: changed.page === undefined, // a page back is a step back; a letter typed is not
      }),
    [setParams],
  );

  if (data?.total === 0 && !isNarrowed(view) && !isPlaceholderData) return <Welcome />;
  return (
    <Page title={t("chains.title")} note={t("chains.note")} actions={<NewChain />}>
      {data !== undefined && !isNarrowed(view) && (
        <FirstSteps chains={data.items} total={data.total} />
      )}
      <Filters view={view} chains={data?.items ?? []} onChange={change} />
      {error !== null && <ProblemNote error={error} onAgain={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton active paragraph={{ rows: 10 }} />}
      {data?.items.length === 0 && (
        <Empty title={t("chains.nothing")}>{t("chains.nothingHint")}</Empty>
      )}
      {data !== undefined && data.items.length > 0 && (
        <div className={isPlaceholderData ? styles.old : undefined}>
          {isPhone ? (
            <ChainCards chains={data.items} />
          ) : (
            <ChainTable chains={data.items} view={view} onChange={change} />
          )}
        </div>
      )}
      {data !== undefined && data.total > 0 && (
        <Pagination
          className={styles.pages ?? ""}
          current={view.page}
          pageSize={view.size}
          pageSizeOptions={PAGE_SIZES}
          total={data.total}
          simple={isPhone}
          showSizeChanger={!isPhone}
          showTotal={(total) => t("chains.total", { count: total, shown: format.count(total) })}
          onChange={(page, size) => change({ page: size === view.size ? page : 1, size })}
        />
      )}
    </Page>
  );
}
