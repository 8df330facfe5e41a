import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";

import { useChoices } from "@/frame/choices";
import { Page } from "@/parts/Page";

import styles from "./errors.module.css";
import { inLanguage, readMarkdown, spansOf, type Block, type Span } from "./markdown";
import { codes, meanings, pageOf } from "./pages";

/** What an error's code means and how to mend it; without a code, all of them. */
export function Component() {
  const { code } = useParams();
  const { t } = useTranslation();
  const language = useChoices((choices) => choices.language);
  const page = useQuery({
    queryKey: ["error-page", code],
    queryFn: async () => (await pageOf(code ?? "")) ?? null,
    enabled: code !== undefined,
    staleTime: Infinity,
  });
  const blocks = page.data == null ? [] : inLanguage(readMarkdown(page.data), language).slice(1);

  return (
    <Page
      title={code ?? t("errors.title")}
      note={code !== undefined && <Link to="/errors">{t("errors.all")}</Link>}
    >
      {code !== undefined && page.isPending && <Skeleton active />}
      <article className={styles.page}>
        {blocks.map((block, at) => (
          <Shown key={at} block={block} />
        ))}
      </article>
      {(code === undefined || page.data === null) && (
        <>
          {code !== undefined && (
            <p>
              <strong>{t("errors.unknown", { code })}.</strong> {t("errors.unknownHint")}
            </p>
          )}
          <Codes />
        </>
      )}
    </Page>
  );
}

/** Every code, with what it means. */
function Codes() {
  const language = useChoices((choices) => choices.language);
  const meant = useQuery({
    queryKey: ["error-meanings", language],
    queryFn: () => meanings(language),
    staleTime: Infinity,
  });
  return (
    <dl className={styles.codes}>
      {codes.map((code) => (
        <Fragment key={code}>
          <dt>
            <Link to={`/errors/${code}`}>
              <code>{code}</code>
            </Link>
          </dt>
          <dd>
            <Words of={spansOf(meant.data?.get(code) ?? "")} />
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

function Shown({ block }: { block: Block }) {
  switch (block.kind) {
    case "heading":
      return <h2>{<Words of={block.words} />}</h2>;
    case "paragraph":
      return (
        <p>
          <Words of={block.words} />
        </p>
      );
    case "list":
      return (
        <ul>
          {block.items.map((item, at) => (
            <li key={at}>
              <Words of={item} />
            </li>
          ))}
        </ul>
      );
    case "code":
      return <pre>{block.text}</pre>;
  }
}

function Words({ of }: { of: readonly Span[] }) {
  return of.map((span, at) => (span.isCode ? <code key={at}>{span.text}</code> : span.text));
}
