import { CaretRightOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { api } from "@/api/client";
import { createFromTemplate, DEMO, useTemplates } from "@/api/templates";
import { ProblemNote } from "@/parts/ProblemNote";

import styles from "./Welcome.module.css";

/** The demo's chain, where its tables are; else the command that brings them. */
export function DemoCard() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data: templates } = useTemplates();
  const hasDemo = templates?.some((template) => template.name === DEMO);
  const make = useMutation({
    mutationFn: async (isRun: boolean) => {
      const chainId = await createFromTemplate(DEMO, {});
      const params = { path: { chain_id: chainId } };
      if (isRun) await api.POST("/api/v1/chains/{chain_id}/execute", { params });
      return chainId;
    },
    onSuccess: (chainId) => void navigate(`/chains/${chainId}`),
  });
  return (
    <section className={styles.demo} aria-labelledby="demo">
      <div className={styles.words}>
        <h2 id="demo">{t("chains.welcome.demoTitle")}</h2>
        <p>{t("chains.welcome.demoText")}</p>
        {make.isError && <ProblemNote error={make.error} />}
        {hasDemo === false ? (
          <div className={styles.missing}>
            <p>{t("chains.welcome.demoMissing")}</p>
            <pre>sfw demo --open</pre>
          </div>
        ) : (
          <div className={styles.buttons}>
            <Button
              type="primary"
              size="large"
              icon={<CaretRightOutlined />}
              disabled={!hasDemo}
              loading={make.isPending && make.variables}
              onClick={() => make.mutate(true)}
            >
              {t("chains.welcome.demoRun")}
            </Button>
            <Button size="large" disabled={!hasDemo} onClick={() => make.mutate(false)}>
              {t("chains.welcome.demoLook")}
            </Button>
          </div>
        )}
      </div>
      <div className={styles.steps}>
        <h3>{t("chains.welcome.steps")}</h3>
        <ol>
          <li>{t("chains.welcome.step1")}</li>
          <li>{t("chains.welcome.step2")}</li>
          <li>{t("chains.welcome.step3")}</li>
        </ol>
      </div>
    </section>
  );
}
