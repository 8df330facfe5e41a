import { Spin } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { signInByLink, useSession } from "@/api/session";
import { SignInForm } from "@/frame/SignInForm";
import { SignInPage } from "@/frame/SignInPage";
import { ProblemNote } from "@/parts/ProblemNote";

/** Uses a one-time link up; where it does not work, a password may. */
export function LinkSignIn({ token, onEnd }: { token: string; onEnd: () => void }) {
  const { t } = useTranslation();
  const [fault, setFault] = useState<unknown>();
  const used = useRef<string>(undefined);

  useEffect(() => {
    if (used.current === token) return; // a link works once, and effects may run twice
    used.current = token;
    signInByLink(token).then(onEnd, (error: unknown) => {
      useSession.setState((session) => ({ me: session.me ?? null }));
      setFault(error);
    });
  }, [token, onEnd]);

  if (fault === undefined) {
    return (
      <SignInPage>
        <Spin description={t("signIn.byLink")}>
          <div className="link-space" />
        </Spin>
      </SignInPage>
    );
  }
  return (
    <SignInPage title={t("signIn.title")}>
      <ProblemNote error={fault} title={t("signIn.linkFailed")} />
      <SignInForm onDone={onEnd} />
    </SignInPage>
  );
}
