import { EditOutlined, FileTextOutlined, ProfileOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { Suspense, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { useMay } from "@/api/session";
import { Page } from "@/parts/Page";

import { DemoCard } from "./DemoCard";
import { FromTemplate, ImportYaml } from "./ways";

import styles from "./Welcome.module.css";

/** The first visit: what a chain is, one that can be run at once, and the ways to an own one. */
export function Welcome() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const isOperator = useMay("operator");
  const [way, setWay] = useState<"template" | "yaml">();
  return (
    <Page title={t("chains.welcome.title")} note={t("chains.welcome.note")}>
      {isOperator ? (
        <>
          <DemoCard />
          <h2 className={styles.own}>{t("chains.welcome.ownTitle")}</h2>
          <div className={styles.ways}>
            <Way
              icon={<ProfileOutlined />}
              name={t("chains.welcome.template")}
              text={t("chains.welcome.templateText")}
              onGo={() => setWay("template")}
            />
            <Way
              icon={<EditOutlined />}
              name={t("chains.welcome.scratch")}
              text={t("chains.welcome.scratchText")}
              onGo={() => void navigate("/chains/new")}
            />
            <Way
              icon={<FileTextOutlined />}
              name={t("chains.welcome.yaml")}
              text={t("chains.welcome.yamlText")}
              onGo={() => setWay("yaml")}
            />
          </div>
        </>
      ) : (
        <p className="soft">{t("chains.welcome.viewer")}</p>
      )}
      <Suspense fallback={null}>
        {way === "template" && <FromTemplate onClose={() => setWay(undefined)} />}
        {way === "yaml" && <ImportYaml onClose={() => setWay(undefined)} />}
      </Suspense>
    </Page>
  );
}

interface WayProps {
  readonly icon: ReactNode;
  readonly name: string;
  readonly text: string;
  readonly onGo: () => void;
}

function Way({ icon, name, text, onGo }: WayProps) {
  return (
    <div className={styles.way}>
      <Button icon={icon} onClick={onGo}>
        {name}
      </Button>
      <p>{text}</p>
    </div>
  );
}
