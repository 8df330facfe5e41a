import { ArrowLeftOutlined } from "@ant-design/icons";
import { Button, Drawer } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { useTemplates } from "@/api/templates";
import { ProblemNote } from "@/parts/ProblemNote";
import { TemplateForm } from "@/pages/templates/TemplateForm";
import { useServerWords } from "@/words/useServerWords";

import styles from "./FromTemplate.module.css";

/** A chain from a template: choose one, fill in its parameters. */
export function FromTemplate({ name, onClose }: { name?: string; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const say = useServerWords();
  const [chosen, setChosen] = useState(name);
  const { data: templates = [], error } = useTemplates();
  const title = templates.find((template) => template.name === chosen)?.title;
  return (
    <Drawer
      open
      size={560}
      onClose={onClose}
      title={title ? say(title) : t("chains.fromTemplate")}
      extra={
        chosen !== undefined &&
        name === undefined && (
          <Button type="text" icon={<ArrowLeftOutlined />} onClick={() => setChosen(undefined)}>
            {t("common.back")}
          </Button>
        )
      }
    >
      {error !== null && <ProblemNote error={error} />}
      {chosen === undefined ? (
        <ul className={styles.list}>
          {templates.map((template) => (
            <li key={template.name}>
              <button type="button" onClick={() => setChosen(template.name)}>
                <strong>{say(template.title)}</strong>
                <span>{say(template.description)}</span>
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <TemplateForm
          key={chosen}
          name={chosen}
          onCreated={(chainId) => void navigate(`/chains/${chainId}`)}
        />
      )}
    </Drawer>
  );
}
