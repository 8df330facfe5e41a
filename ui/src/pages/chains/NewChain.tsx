import {
  DownOutlined,
  EditOutlined,
  FileTextOutlined,
  PlusOutlined,
  ProfileOutlined,
} from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { useMay } from "@/api/session";

import { FromTemplate, ImportYaml } from "./ways";

/** The three ways to a new chain. */
export function NewChain() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const isOperator = useMay("operator");
  const [way, setWay] = useState<string>();
  if (!isOperator) return null;
  return (
    <>
      <Dropdown
        trigger={["click"]}
        placement="bottomRight"
        menu={{
          items: [
            { key: "template", icon: <ProfileOutlined />, label: t("chains.fromTemplate") },
            { key: "scratch", icon: <EditOutlined />, label: t("chains.fromScratch") },
            { key: "yaml", icon: <FileTextOutlined />, label: t("chains.fromYaml") },
          ],
          onClick: ({ key }) => (key === "scratch" ? void navigate("/chains/new") : setWay(key)),
        }}
      >
        <Button type="primary" icon={<PlusOutlined />}>
          {t("chains.new")} <DownOutlined />
        </Button>
      </Dropdown>
      <Suspense fallback={null}>
        {way === "template" && <FromTemplate onClose={() => setWay(undefined)} />}
        {way === "yaml" && <ImportYaml onClose={() => setWay(undefined)} />}
      </Suspense>
    </>
  );
}
