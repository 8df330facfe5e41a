import { App as AntApp, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import { useLayoutEffect, type ReactNode } from "react";

import { useChoices } from "@/frame/choices";
import { useMedia, usePrint } from "@/frame/media";
import { nonce } from "@/frame/nonce";
import { applyPalette, dark, light } from "@/frame/palette";
import { themeOf } from "@/frame/theme";
import { speak } from "@/words";

/** Whether the page is dark now: by choice, or as the system is. Paper never is. */
export function useDark(): boolean {
  const isPrint = usePrint();
  const theme = useChoices((choices) => choices.theme);
  const isSystemDark = useMedia("(prefers-color-scheme: dark)");
  return !isPrint && (theme === "system" ? isSystemDark : theme === "dark");
}

/** The theme and the language of every part below. */
export function Look({ children }: { children: ReactNode }) {
  const language = useChoices((choices) => choices.language);
  const isDark = useDark();
  const isStill = useMedia("(prefers-reduced-motion: reduce)");
  const isTouched = useMedia("(pointer: coarse)");

  useLayoutEffect(() => {
    const root = document.documentElement;
    root.dataset.theme = isDark ? "dark" : "light";
    applyPalette(isDark ? dark : light, root);
  }, [isDark]);

  useLayoutEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    dayjs.locale(language === "zh" ? "zh-cn" : "en");
    void speak(language);
  }, [language]);

  return (
    <ConfigProvider
      locale={language === "zh" ? zhCN : enUS}
      theme={themeOf(isDark, !isStill, isTouched)}
      csp={{ nonce }}
      wave={{ disabled: true }}
      button={{ autoInsertSpace: false }}
    >
      <AntApp className="app">{children}</AntApp>
    </ConfigProvider>
  );
}
