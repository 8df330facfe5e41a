import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";

import { Problem } from "@/api/problem";
import { NotFound } from "@/frame/NotFound";
import { Page } from "@/parts/Page";
import { ProblemNote } from "@/parts/ProblemNote";

/** What is shown where a page failed; the rail still works, unless the whole failed. */
export function Broken({ isWhole = false }: { isWhole?: boolean }) {
  const { t } = useTranslation();
  const error = useRouteError();
  if (error instanceof Problem && error.status === 404 && !isWhole) return <NotFound />;
  return (
    <Page title={t("problem.broken")} note={t("problem.brokenHint")}>
      <ProblemNote error={error} />
      <Button type="primary" onClick={() => window.location.reload()}>
        {t("problem.reload")}
      </Button>
    </Page>
  );
}
