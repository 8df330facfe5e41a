import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";

import { signIn } from "@/api/session";
import { ProblemNote } from "@/parts/ProblemNote";

interface Given {
  readonly name: string;
  readonly password: string;
}

/** Name and password. With `name` only that person may go on. */
export function SignInForm({ name, onDone }: { name?: string; onDone?: () => void }) {
  const { t } = useTranslation();
  const enter = useMutation({
    mutationFn: (given: Given) => signIn(given.name, given.password),
    onSuccess: () => onDone?.(),
  });
  return (
    <Form<Given>
      layout="vertical"
      requiredMark={false}
      initialValues={{ name: name ?? "" }}
      onFinish={(given) => enter.mutate(given)}
    >
      {enter.isError && <ProblemNote error={enter.error} />}
      <Form.Item
        name="name"
        label={t("signIn.name")}
        rules={[{ required: true, message: t("signIn.needName") }]}
      >
        <Input autoComplete="username" autoFocus={!name} disabled={Boolean(name)} size="large" />
      </Form.Item>
      <Form.Item
        name="password"
        label={t("signIn.password")}
        rules={[{ required: true, message: t("signIn.needPassword") }]}
      >
        <Input.Password autoComplete="current-password" autoFocus={Boolean(name)} size="large" />
      </Form.Item>
      <Button type="primary" htmlType="submit" size="large" block loading={enter.isPending}>
        {t("signIn.submit")}
      </Button>
    </Form>
  );
}
