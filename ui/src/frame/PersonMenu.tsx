import { LogoutOutlined, SettingOutlined } from "@ant-design/icons";
import { Avatar, Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { signOut, useSession } from "@/api/session";

/** Who is signed in, their settings, and the way out. */
export function PersonMenu() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const me = useSession((session) => session.me);
  if (!me) return null;
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [
          {
            key: "who",
            type: "group",
            label: `${me.name} · ${t(`frame.role.${me.role}`)}`,
            children: [
              { key: "settings", icon: <SettingOutlined />, label: t("frame.nav.settings") },
              { key: "out", icon: <LogoutOutlined />, label: t("frame.signOut") },
            ],
          },
        ],
        onClick: ({ key }) => {
          if (key === "settings") void navigate("/settings");
          else void signOut();
        },
      }}
    >
      <Button type="text" shape="circle" aria-label={t("frame.person", { name: me.name })}>
        <Avatar size={28} className="person">
          {me.name.slice(0, 1).toUpperCase()}
        </Avatar>
      </Button>
    </Dropdown>
  );
}
