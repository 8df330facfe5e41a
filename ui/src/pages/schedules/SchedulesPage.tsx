import { PlusOutlined } from "@ant-design/icons";
import { Button, Pagination, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams, useSearchParams } from "react-router";

import { useSchedules, type Schedule } from "@/api/schedules";
import { useMay } from "@/api/session";
import { Empty } from "@/parts/Empty";
import { Page } from "@/parts/Page";
import { ProblemNote } from "@/parts/ProblemNote";

import { ScheduleForm } from "./ScheduleForm";
import { ScheduleStory } from "./ScheduleStory";
import { ScheduleTable } from "./ScheduleTable";

const PAGE_SIZE = 50;

/** When chains run by themselves. */
export function Component() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { scheduleId } = useParams();
  const [params, setParams] = useSearchParams();
  const isOperator = useMay("operator");
  const [page, setPage] = useState(1);
  const [edited, setEdited] = useState<Schedule | "new" | undefined>(
    params.has("chain") ? "new" : undefined,
  );
  const { data, error, refetch } = useSchedules(page, PAGE_SIZE);
  const add = isOperator && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setEdited("new")}>
      {t("schedules.new")}
    </Button>
  );
  const close = () => {
    setEdited(undefined);
    if (params.has("chain")) setParams({}, { replace: true });
  };
  return (
    <Page
      title={t("schedules.title")}
      note={t("schedules.note")}
      actions={(data?.total ?? 0) > 0 && add}
    >
      {error !== null && <ProblemNote error={error} onAgain={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton active paragraph={{ rows: 8 }} />}
      {data?.total === 0 && (
        <Empty title={t("schedules.none")} action={add}>
          {t("schedules.noneHint")}
        </Empty>
      )}
      {data !== undefined && data.total > 0 && (
        <ScheduleTable
          schedules={data.items}
          onEdit={setEdited}
          onShow={(schedule) => void navigate(`/schedules/${schedule.schedule_id}`)}
        />
      )}
      {data !== undefined && data.total > PAGE_SIZE && (
        <Pagination current={page} pageSize={PAGE_SIZE} total={data.total} onChange={setPage} />
      )}
      {edited !== undefined && (
        <ScheduleForm
          schedule={edited === "new" ? undefined : edited}
          chainId={params.get("chain") ?? undefined}
          onClose={close}
        />
      )}
      {scheduleId !== undefined && (
        <ScheduleStory scheduleId={scheduleId} onClose={() => void navigate("/schedules")} />
      )}
    </Page>
  );
}
