import { Tabs } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";

import { useMay } from "@/api/session";
import { Page } from "@/parts/Page";

import { About } from "./About";
import { Person } from "./Person";
import { Tokens } from "./Tokens";
import { Users } from "./Users";

const parts = ["person", "tokens", "users", "about"] as const;
type Part = (typeof parts)[number];

const shown: Record<Part, ReactNode> = {
  person: <Person />,
  tokens: <Tokens />,
  users: <Users />,
  about: <About />,
};

/** The person's own settings, their tokens, and for admins the users. */
export function Component() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { part } = useParams();
  const isAdmin = useMay("admin");
  const some = parts.filter((each) => each !== "users" || isAdmin);
  return (
    <Page title={t("settings.title")}>
      <Tabs
        activeKey={some.find((each) => each === part) ?? "person"}
        onChange={(key) => void navigate(`/settings/${key}`)}
        destroyOnHidden
        items={some.map((key) => ({
          key,
          label: t(`settings.parts.${key}`),
          children: shown[key],
        }))}
      />
    </Page>
  );
}
