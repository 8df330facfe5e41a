import { App } from "antd";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";

import { Problem } from "@/api/problem";
import { useServerWords } from "@/words/useServerWords";

/** Do something, and tell how it ended: a word when it is done, a problem with its hint when not. */
export function useTold() {
  const { message, notification } = App.useApp();
  const { t } = useTranslation();
  const say = useServerWords();
  return useCallback(
    async (act: () => Promise<unknown>, done?: string): Promise<boolean> => {
      try {
        await act();
      } catch (error) {
        const body = error instanceof Problem ? error.body : undefined;
        notification.error({
          title: error instanceof Problem ? say(error.message) : t("problem.unreachable"),
          description: [say(body?.hint ?? ""), body?.code].filter(Boolean).join(" · "),
          duration: 8,
        });
        return false;
      }
      if (done !== undefined) void message.success(done);
      return true;
    },
    [message, notification, say, t],
  );
}
