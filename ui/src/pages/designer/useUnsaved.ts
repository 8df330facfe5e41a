import { App } from "antd";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useBlocker } from "react-router";

import { isChanged, useDesigner } from "@/pages/designer/document/store";
import { keepDraft, keepPlaces } from "@/pages/designer/drafts";

const PAUSE_MS = 500;

/** Keep the work in this browser as it goes on, and ask before it is left unsaved. */
export function useUnsaved(chainId: string | undefined, version: number): void {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const draft = useDesigner((designer) => designer.draft);
  const isUnsaved = useDesigner(isChanged);

  const hasKept = useRef(false); // an older draft stays until somebody decides about it
  useEffect(() => {
    const timer = setTimeout(() => {
      if (chainId !== undefined) keepPlaces(chainId, draft.places);
      if (draft.fault) return; // the last text that can be read is kept
      const kept = { text: draft.text, places: draft.places, version, at: Date.now() };
      if (isUnsaved || hasKept.current) keepDraft(chainId, isUnsaved ? kept : undefined);
      hasKept.current = isUnsaved;
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft, isUnsaved, chainId, version]);

  useEffect(() => {
    if (!isUnsaved) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isUnsaved]);

  const blocker = useBlocker(({ currentLocation, nextLocation }) => {
    const isLeaving = currentLocation.pathname !== nextLocation.pathname;
    return isLeaving && isChanged(useDesigner.getState());
  });
  const asked = useRef(false);
  useEffect(() => {
    if (blocker.state !== "blocked" || asked.current) return;
    asked.current = true;
    modal.confirm({
      title: t("designer.leave.title"),
      content: t("designer.leave.text"),
      okText: t("designer.leave.leave"),
      cancelText: t("designer.leave.stay"),
      onOk: () => blocker.proceed(),
      onCancel: () => blocker.reset(),
      afterClose: () => {
        asked.current = false;
      },
    });
  }, [blocker, modal, t]);
}
