import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, DatePicker, Drawer, Form, Input, Radio, Segmented, Select } from "antd";
import dayjs from "dayjs";
import { useDeferredValue } from "react";
import { useTranslation } from "react-i18next";

import { createSchedule, editSchedule, SCHEDULES_KEY, type Schedule } from "@/api/schedules";
import { ProblemNote } from "@/parts/ProblemNote";
import { useTold } from "@/parts/useTold";

import { ChainField } from "./ChainField";
import { editOf, firstOf, zones, type Given } from "./form";
import { Preview } from "./Preview";
import { RhythmField } from "./RhythmField";

interface Props {
  readonly schedule: Schedule | undefined;
  readonly chainId: string | undefined;
  readonly onClose: () => void;
}

/** A new schedule, or another form of one: which chain, when, and what about times that passed. */
export function ScheduleForm({ schedule, chainId, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const told = useTold();
  const [form] = Form.useForm<Given>();
  const kind = Form.useWatch("kind", form) ?? "repeated";
  const cron = useDeferredValue(Form.useWatch("cron", form) ?? "");
  const zone = Form.useWatch("zone", form) ?? "UTC";
  const save = useMutation({
    mutationFn: (given: Given) => {
      const edit = editOf(given, schedule?.is_enabled ?? true);
      return schedule === undefined
        ? createSchedule({ ...edit, chain_id: given.chain })
        : editSchedule(schedule, edit);
    },
    onSuccess: async () => {
      await told(
        () => queries.invalidateQueries({ queryKey: [SCHEDULES_KEY] }),
        t("schedules.saved"),
      );
      onClose();
    },
  });
  const need = (message: string) => [{ required: true, message }];
  return (
    <Drawer
      open
      size={560}
      title={t(schedule === undefined ? "schedules.new" : "schedules.edit")}
      onClose={onClose}
      footer={
        <Button type="primary" loading={save.isPending} onClick={() => form.submit()}>
          {t("common.save")}
        </Button>
      }
    >
      <Form<Given>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={firstOf(schedule, chainId)}
        onFinish={(given) => save.mutate(given)}
      >
        {save.isError && <ProblemNote error={save.error} />}
        <Form.Item name="chain" label={t("schedules.chain")} rules={need(t("schedules.needChain"))}>
          <ChainField name={schedule?.chain_name} isFixed={schedule !== undefined} />
        </Form.Item>
        <Form.Item name="name" label={t("schedules.name")} rules={need(t("schedules.needName"))}>
          <Input maxLength={255} placeholder={t("schedules.nameExample")} />
        </Form.Item>
        <Form.Item name="kind" label={t("schedules.when")}>
          <Segmented
            options={(["repeated", "once"] as const).map((value) => ({
              value,
              label: t(`schedules.${value === "once" ? "single" : value}`),
            }))}
          />
        </Form.Item>
        {kind === "once" ? (
          <Form.Item name="at" label={t("schedules.at")} rules={need(t("schedules.needAt"))}>
            <DatePicker
              showTime={{ format: "HH:mm" }}
              format="YYYY-MM-DD HH:mm"
              disabledDate={(day) => day.isBefore(dayjs().startOf("day"))}
            />
          </Form.Item>
        ) : (
          <>
            <Form.Item
              name="cron"
              label={t("schedules.rhythm")}
              rules={need(t("schedules.needCron"))}
            >
              <RhythmField />
            </Form.Item>
            <Form.Item name="zone" label={t("schedules.zone")} extra={t("schedules.zoneNote")}>
              <Select showSearch options={zones().map((value) => ({ value, label: value }))} />
            </Form.Item>
            <Preview cron={cron} zone={zone} />
          </>
        )}
        <Form.Item name="missed" label={t("schedules.missed")}>
          <Radio.Group
            options={(["skip", "run_once"] as const).map((value) => ({
              value,
              label: t(`schedules.missedKinds.${value}`),
            }))}
          />
        </Form.Item>
      </Form>
    </Drawer>
  );
}
