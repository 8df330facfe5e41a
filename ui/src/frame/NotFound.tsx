import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { Empty } from "@/parts/Empty";
import { Page } from "@/parts/Page";

/** An address that leads nowhere. */
export function NotFound() {
  const { t } = useTranslation();
  return (
    <Page title={t("problem.notFound")}>
      <Empty
        title="404"
        action={
          <Link to="/chains">
            <Button type="primary">{t("problem.toChains")}</Button>
          </Link>
        }
      >
        {t("problem.notFoundHint")}
      </Empty>
    </Page>
  );
}
