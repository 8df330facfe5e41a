import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Form, Input, Modal, Radio } from "antd";
import { useTranslation } from "react-i18next";

import { createUser, ROLES, USERS_KEY, type Link } from "@/api/people";
import type { Role } from "@/api/session";
import { ProblemNote } from "@/parts/ProblemNote";

import styles from "./NewUserForm.module.css";

interface Given {
  readonly name: string;
  readonly role: Role;
}

/** A new user; what comes of it is a link to give to them. */
export function NewUserForm(props: { onClose: () => void; onMade: (link: Link) => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [form] = Form.useForm<Given>();
  const make = useMutation({
    mutationFn: (given: Given) => createUser(given.name, given.role),
    onSuccess: async (link) => {
      props.onMade(link);
      await queries.invalidateQueries({ queryKey: [USERS_KEY] });
    },
  });
  return (
    <Modal
      open
      title={t("settings.users.new")}
      okText={t("settings.users.make")}
      cancelText={t("common.cancel")}
      okButtonProps={{ loading: make.isPending }}
      onOk={() => form.submit()}
      onCancel={props.onClose}
    >
      <Form<Given>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ role: "operator" }}
        onFinish={(given) => make.mutate(given)}
      >
        {make.isError && <ProblemNote error={make.error} />}
        <Form.Item
          name="name"
          label={t("settings.users.name")}
          rules={[
            {
              required: true,
              pattern: /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/,
              message: t("settings.users.nameRule"),
            },
          ]}
        >
          <Input autoFocus autoComplete="off" />
        </Form.Item>
        <Form.Item name="role" label={t("settings.users.role")}>
          <Radio.Group className={styles.roles ?? ""}>
            {ROLES.map((role) => (
              <Radio key={role} value={role}>
                <strong>{t(`frame.role.${role}`)}</strong>
                <br />
                <span className="soft">{t(`settings.roleMay.${role}`)}</span>
              </Radio>
            ))}
          </Radio.Group>
        </Form.Item>
      </Form>
    </Modal>
  );
}
