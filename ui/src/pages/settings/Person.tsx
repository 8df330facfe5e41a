import { useMutation } from "@tanstack/react-query";
import { App, Form, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { setPassword, useSession } from "@/api/session";
import { choose, useChoices, type Language, type Theme } from "@/frame/choices";
import { PasswordForm } from "@/frame/PasswordForm";

import { Section } from "./Section";

/** Who one is, how the page looks to them, and their password. */
export function Person() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const me = useSession((session) => session.me);
  const language = useChoices((choices) => choices.language);
  const theme = useChoices((choices) => choices.theme);
  const [round, setRound] = useState(0);
  const set = useMutation({
    mutationFn: setPassword,
    onSuccess: () => {
      setRound(round + 1); // an empty form again
      void message.success(t("signIn.choose.done"));
    },
  });
  if (!me) return null;
  return (
    <>
      <Section title={me.name} note={t("settings.roleIs", { role: t(`frame.role.${me.role}`) })}>
        <p className="soft">{t(`settings.roleMay.${me.role}`)}</p>
      </Section>
      <Section title={t("settings.look")} note={t("settings.lookNote")}>
        <Form layout="vertical">
          <Form.Item label={t("frame.language")}>
            <Segmented<Language>
              aria-label={t("frame.language")}
              value={language}
              onChange={(chosen) => choose({ language: chosen })}
              options={[
                { value: "en", label: "English" },
                { value: "zh", label: "中文" },
              ]}
            />
          </Form.Item>
          <Form.Item label={t("frame.theme.label")}>
            <Segmented<Theme>
              aria-label={t("frame.theme.label")}
              value={theme}
              onChange={(chosen) => choose({ theme: chosen })}
              options={(["light", "dark", "system"] as const).map((value) => ({
                value,
                label: t(`frame.theme.${value}`),
              }))}
            />
          </Form.Item>
        </Form>
      </Section>
      <Section title={t("settings.password")} note={t("settings.passwordNote")}>
        <PasswordForm
          key={round}
          name={me.name}
          error={set.error}
          isBusy={set.isPending}
          onSet={set.mutate}
          asksCurrent={me.password_is_asked}
          isFirst={false}
        />
      </Section>
    </>
  );
}
