import { DesktopOutlined, GlobalOutlined, MoonOutlined, SunOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";

import { choose, useChoices, type Theme } from "@/frame/choices";

const icons = { light: <SunOutlined />, dark: <MoonOutlined />, system: <DesktopOutlined /> };
const themes: readonly Theme[] = ["light", "dark", "system"];

/** English or Chinese. Each is named in its own words: who is lost must find theirs. */
export function LanguageSwitch() {
  const language = useChoices((choices) => choices.language);
  const { t } = useTranslation();
  const other = language === "en" ? "zh" : "en";
  return (
    <Button
      type="text"
      icon={<GlobalOutlined />}
      aria-label={`${t("frame.language")}: ${other === "zh" ? "中文" : "English"}`}
      onClick={() => choose({ language: other })}
    >
      <span lang={other === "zh" ? "zh-CN" : "en"}>{other === "zh" ? "中文" : "English"}</span>
    </Button>
  );
}

/** Light, dark, or as the system is. */
export function ThemeSwitch() {
  const theme = useChoices((choices) => choices.theme);
  const { t } = useTranslation();
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        selectable: true,
        selectedKeys: [theme],
        items: themes.map((key) => ({ key, icon: icons[key], label: t(`frame.theme.${key}`) })),
        onClick: ({ key }) => choose({ theme: key as Theme }),
      }}
    >
      <Button
        type="text"
        icon={icons[theme]}
        aria-label={`${t("frame.theme.label")}: ${t(`frame.theme.${theme}`)}`}
      />
    </Dropdown>
  );
}
