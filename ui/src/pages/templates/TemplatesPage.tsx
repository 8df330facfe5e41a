import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Skeleton, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";

import { useMay } from "@/api/session";
import {
  BUILT_IN,
  deleteTemplate,
  TEMPLATES_KEY,
  useTemplates,
  type TemplateLine,
} from "@/api/templates";
import { Page } from "@/parts/Page";
import { ProblemNote } from "@/parts/ProblemNote";
import { useTold } from "@/parts/useTold";
import { FromTemplate } from "@/pages/chains/FromTemplate";
import { useServerWords } from "@/words/useServerWords";

import { SaveTemplate } from "./SaveTemplate";

import styles from "./TemplatesPage.module.css";

/** Chains with blanks to fill in: those of the product, and those saved here. */
export function Component() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { name } = useParams();
  const isOperator = useMay("operator");
  const [isSaving, setSaving] = useState(false);
  const { data: templates, error, refetch } = useTemplates();
  return (
    <Page
      title={t("templates.title")}
      note={t("templates.note")}
      actions={
        isOperator && (
          <Button icon={<PlusOutlined />} onClick={() => setSaving(true)}>
            {t("templates.save")}
          </Button>
        )
      }
    >
      {error !== null && <ProblemNote error={error} onAgain={() => void refetch()} />}
      {templates === undefined && error === null && <Skeleton active paragraph={{ rows: 8 }} />}
      <ul className={styles.cards}>
        {templates?.map((template) => (
          <TemplateCard key={template.name} template={template} isOperator={isOperator} />
        ))}
      </ul>
      {name !== undefined && isOperator && (
        <FromTemplate key={name} name={name} onClose={() => void navigate("/templates")} />
      )}
      {isSaving && <SaveTemplate onClose={() => setSaving(false)} />}
    </Page>
  );
}

function TemplateCard({ template, isOperator }: { template: TemplateLine; isOperator: boolean }) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const told = useTold();
  const say = useServerWords();
  const title = say(template.title);
  const isOwn = !BUILT_IN.includes(template.name);

  const remove = async () => {
    await told(() => deleteTemplate(template.name), t("templates.deleted"));
    await queries.invalidateQueries({ queryKey: [TEMPLATES_KEY] });
  };
  const ask = () =>
    modal.confirm({
      title: t("templates.deleteAsk", { title }),
      content: t("templates.deleteSays"),
      okText: t("common.delete"),
      okButtonProps: { danger: true },
      cancelText: t("common.cancel"),
      onOk: remove,
    });
  return (
    <li className={styles.card}>
      <div className={styles.head}>
        <h2>{title}</h2>
        <Tag variant="filled">{t(isOwn ? "templates.own" : "templates.builtIn")}</Tag>
      </div>
      <p className={styles.words}>{say(template.description)}</p>
      {isOperator && (
        <div className={styles.foot}>
          <Button
            type="primary"
            aria-label={`${t("templates.use")}: ${title}`}
            onClick={() => void navigate(`/templates/${template.name}`)}
          >
            {t("templates.use")}
          </Button>
          {isOwn && (
            <Button
              type="text"
              danger
              icon={<DeleteOutlined />}
              aria-label={`${t("common.delete")}: ${title}`}
              onClick={ask}
            />
          )}
        </div>
      )}
    </li>
  );
}
