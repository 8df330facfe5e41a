import { Modal, Spin } from "antd";
import { useEffect, useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { restoreSession, useSession } from "@/api/session";
import { ChoosePassword } from "@/frame/ChoosePassword";
import { LinkSignIn } from "@/frame/LinkSignIn";
import { SignInForm } from "@/frame/SignInForm";
import { SignInPage } from "@/frame/SignInPage";
import { useLink } from "@/frame/useLink";
import { ProblemNote } from "@/parts/ProblemNote";

/** Lets in who is signed in; the others sign in here, and are then where they wanted to be. */
export function Gate({ children }: { children: ReactNode }) {
  const { me, hasEnded, needsPassword, fault } = useSession();
  const { t } = useTranslation();
  const link = useLink();
  const hasAsked = useRef(false);

  useEffect(() => {
    if (hasAsked.current || link.token !== undefined) return;
    if (useSession.getState().me !== undefined) return; // the link has just told
    hasAsked.current = true;
    void restoreSession();
  }, [link.token]);

  if (link.token !== undefined) return <LinkSignIn token={link.token} onEnd={link.forget} />;
  if (me === undefined && fault !== undefined) {
    return (
      <SignInPage>
        <ProblemNote error={fault} onAgain={() => void restoreSession()} />
      </SignInPage>
    );
  }
  if (me === undefined) return <Spin fullscreen delay={400} />;
  if (me === null) {
    return (
      <SignInPage title={t("signIn.title")}>
        <SignInForm />
      </SignInPage>
    );
  }
  if (needsPassword) return <ChoosePassword />;
  return (
    <>
      {children}
      <Modal
        open={hasEnded}
        title={t("signIn.ended")}
        footer={null}
        closable={false}
        keyboard={false}
        mask={{ closable: false }}
        width={420}
      >
        <p className="soft">{t("signIn.endedNote")}</p>
        <SignInForm name={me.name} />
      </Modal>
    </>
  );
}
