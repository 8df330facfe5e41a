import { ExperimentOutlined } from "@ant-design/icons";
import { Button, Skeleton, Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";

import { Problem } from "@/api/problem";
import { useModel, type Model } from "@/api/models";
import { useChain, useRuns } from "@/api/runs";
import { useMay } from "@/api/session";
import { FigureTable } from "@/charts/FigureTable";
import { Empty } from "@/parts/Empty";
import { useFormat } from "@/parts/format";
import { Page } from "@/parts/Page";
import { ProblemNote } from "@/parts/ProblemNote";
import { useNames } from "@/words/types/useNames";
import { useServerWords } from "@/words/useServerWords";

import { digestsOf, parametersOf } from "./lineage";
import styles from "./models.module.css";

/** One model: where it comes from, who holds what of it, and what it was made of and with. */
export function ModelPage({ modelId }: { modelId: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayDraw = useMay("operator");
  const names = useNames();
  const { data: model, error, refetch } = useModel(modelId);
  if (error instanceof Problem && error.status === 404) {
    return (
      <Page title={t("models.title")} note={<Link to="/models">{t("models.back")}</Link>}>
        <Empty title={t("models.unknown")}>
          <code>{modelId}</code>
        </Empty>
      </Page>
    );
  }
  return (
    <Page
      title={model ? names.type(model.task_type) : t("models.title")}
      mark={
        <code className="faint">
          {model?.task_type} {modelId}
        </code>
      }
      note={<Link to="/models">{t("models.back")}</Link>}
      actions={
        mayDraw &&
        model?.kind === "model" && (
          <Tooltip title={t("models.predictHint")}>
            <Button
              type="primary"
              icon={<ExperimentOutlined />}
              onClick={() => void navigate(`/chains/new?model=${encodeURIComponent(modelId)}`)}
            >
              {t("models.predict")}
            </Button>
          </Tooltip>
        )
      }
    >
      {error && !model && <ProblemNote error={error} onAgain={() => void refetch()} />}
      {!model && !error && <Skeleton active paragraph={{ rows: 8 }} />}
      {model && (
        <div className={styles.parts}>
          <Lineage model={model} />
          <Shares model={model} />
          <Parameters model={model} />
          <Inputs model={model} />
        </div>
      )}
    </Page>
  );
}

function Lineage({ model }: { model: Model }) {
  const { t } = useTranslation();
  const format = useFormat();
  const runs = useRuns(model.chain_id);
  const chain = useChain(model.chain_id, true);
  const run = runs.data?.find((each) => each.run_id === model.run_id);
  const saved = model.held.find((each) => each.saved)?.saved;
  const at = `/chains/${model.chain_id}/runs/${model.run_id}`;
  return (
    <section className={styles.part}>
      <h2>{t("models.lineage")}</h2>
      <dl className={styles.facts}>
        <dt>{t("models.chain")}</dt>
        <dd>
          <Link to={`/chains/${model.chain_id}`}>{chain.data?.chain_name ?? model.chain_id}</Link>
          {run && <span className="faint"> {t("models.version", { version: run.version })}</span>}
        </dd>
        <dt>{t("models.run")}</dt>
        <dd>
          <Link to={at}>{run ? t("run.number", { number: run.number }) : model.run_id}</Link>
        </dd>
        <dt>{t("models.task")}</dt>
        <dd>
          <Link to={`${at}?task=${encodeURIComponent(model.task_id)}`}>{model.task_id}</Link>{" "}
          <code className="faint">
            {model.task_type}@{model.task_version}
          </code>
        </dd>
        <dt>{t("models.when")}</dt>
        <dd>
          {format.when(model.created_at)} · {model.created_by}
        </dd>
        {saved?.protocol && (
          <>
            <dt>{t("models.protocol")}</dt>
            <dd>{saved.protocol}</dd>
          </>
        )}
        {saved?.label && (
          <>
            <dt>{t("models.label")}</dt>
            <dd>{t("models.labelAt", { label: saved.label, party: saved.label_party ?? "" })}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Shares({ model }: { model: Model }) {
  const { t } = useTranslation();
  const say = useServerWords();
  const isModel = model.kind === "model";
  const common = digestsOf(model);
  return (
    <section className={styles.part}>
      <h2>{t("models.shares")}</h2>
      <p className="soft">{isModel ? t("models.sharesHint") : t("models.sharesRules")}</p>
      <ul className={styles.holders}>
        {model.held.map((each) => (
          <li key={`${each.party} ${each.path}`}>
            <h3>{each.party}</h3>
            <dl className={styles.facts}>
              <dt>{t("models.state")}</dt>
              <dd>
                {each.saved
                  ? common.isOther(each)
                    ? t("models.changed")
                    : t("models.there")
                  : `${t("models.silent")}: ${say(each.silence?.message ?? "")}`}
              </dd>
              <dt>{t("models.place")}</dt>
              <dd>
                <code>{each.path}</code>
              </dd>
              {each.saved && (
                <>
                  <dt>{t("models.digest")}</dt>
                  <dd>
                    <code title={each.saved.digest}>{each.saved.digest.slice(0, 16)}…</code>
                  </dd>
                  <dt>{t("models.features")}</dt>
                  <dd>{each.saved.features[each.party]?.join(", ") ?? "–"}</dd>
                </>
              )}
            </dl>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Parameters({ model }: { model: Model }) {
  const { t } = useTranslation();
  const names = useNames();
  const rows = parametersOf(model.parameters).map(([path, value]) => {
    const [field = path, ...rest] = path.replace(/^params\./, "").split(".");
    return [[names.field(field), ...rest].join(" · "), value];
  });
  return (
    <section className={styles.part}>
      <h2>{t("models.parameters")}</h2>
      <FigureTable
        label={t("models.parameters")}
        table={{ columns: [t("compare.setting"), t("results.value")], rows }}
      />
    </section>
  );
}

function Inputs({ model }: { model: Model }) {
  const { t } = useTranslation();
  const rows = Object.entries(model.inputs).flatMap(([party, files]) =>
    Object.entries(files).map(([path, print]) => [party, path, print?.slice(0, 16) ?? null]),
  );
  return (
    <section className={styles.part}>
      <h2>{t("models.inputs")}</h2>
      <p className="soft">{t("models.inputsHint")}</p>
      {rows.length === 0 ? (
        <p className="faint">{t("models.noFingerprints")}</p>
      ) : (
        <FigureTable
          label={t("models.inputs")}
          table={{
            columns: [t("models.holder"), t("models.file"), t("models.fingerprint")],
            rows,
          }}
        />
      )}
    </section>
  );
}
