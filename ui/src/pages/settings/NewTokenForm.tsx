import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Form, Input, Modal, Select } from "antd";
import { useTranslation } from "react-i18next";

import { createToken, ROLES, TOKENS_KEY, type NewToken } from "@/api/people";
import { useSession } from "@/api/session";
import { ProblemNote } from "@/parts/ProblemNote";

const DAYS = [7, 30, 90, 365];
const FOR_EVER = 0;

interface Given {
  readonly label: string;
  readonly role: NewToken["role"];
  readonly days: number;
}

interface Props {
  readonly onClose: () => void;
  readonly onMade: (secret: string) => void;
}

/** A new token: what it is for, what it may, and how long. */
export function NewTokenForm({ onClose, onMade }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [form] = Form.useForm<Given>();
  const own = useSession((session) => session.me?.role ?? "viewer");
  const make = useMutation({
    mutationFn: (given: Given) =>
      createToken({
        label: given.label.trim(),
        role: given.role,
        expires_in_days: given.days === FOR_EVER ? null : given.days,
      }),
    onSuccess: async (secret) => {
      onMade(secret);
      await queries.invalidateQueries({ queryKey: [TOKENS_KEY] });
    },
  });
  return (
    <Modal
      open
      title={t("settings.tokens.new")}
      okText={t("settings.tokens.make")}
      cancelText={t("common.cancel")}
      okButtonProps={{ loading: make.isPending }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form<Given>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ role: own === "viewer" ? "viewer" : "operator", days: 90 }}
        onFinish={(given) => make.mutate(given)}
      >
        {make.isError && <ProblemNote error={make.error} />}
        <Form.Item
          name="label"
          label={t("settings.tokens.label")}
          rules={[{ required: true, whitespace: true, message: t("settings.tokens.needLabel") }]}
        >
          <Input autoFocus maxLength={100} placeholder={t("settings.tokens.labelExample")} />
        </Form.Item>
        <Form.Item
          name="role"
          label={t("settings.users.role")}
          extra={t("settings.tokens.roleNote")}
        >
          <Select
            options={ROLES.slice(0, ROLES.indexOf(own) + 1).map((value) => ({
              value,
              label: t(`frame.role.${value}`),
            }))}
          />
        </Form.Item>
        <Form.Item name="days" label={t("settings.tokens.until")}>
          <Select
            options={[
              ...DAYS.map((value) => ({
                value,
                label: t("settings.tokens.days", { count: value }),
              })),
              { value: FOR_EVER, label: t("settings.tokens.forEver") },
            ]}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
