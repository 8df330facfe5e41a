import { useMutation } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";

import { setPassword, useSession } from "@/api/session";
import { PasswordForm } from "@/frame/PasswordForm";
import { SignInPage } from "@/frame/SignInPage";

/** After a one-time link: the password for the next time. */
export function ChoosePassword() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const name = useSession(({ me }) => me?.name ?? "");
  const set = useMutation({
    mutationFn: setPassword,
    onSuccess: () => void message.success(t("signIn.choose.done")),
  });
  return (
    <SignInPage title={t("signIn.choose.title")}>
      <PasswordForm
        name={name}
        note={t("signIn.choose.note", { name })}
        error={set.error}
        isBusy={set.isPending}
        onSet={set.mutate}
      />
      <Button
        type="link"
        block
        onClick={() => useSession.setState({ needsPassword: false })}
        className="choose-later"
      >
        {t("signIn.choose.later")}
      </Button>
    </SignInPage>
  );
}
