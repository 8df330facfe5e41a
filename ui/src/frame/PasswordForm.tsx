import { Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";

import type { NewPassword } from "@/api/session";
import { ProblemNote } from "@/parts/ProblemNote";

export const MIN_PASSWORD = 12;

interface Given extends NewPassword {
  readonly repeat: string;
}

interface Props {
  readonly name: string;
  readonly note?: string;
  readonly error: unknown;
  readonly isBusy: boolean;
  readonly onSet: (given: NewPassword) => void;
  /** Whether to ask for the one there is, too. */
  readonly asksCurrent?: boolean;
  /** Whether it is what the page is about, so that it takes the focus. */
  readonly isFirst?: boolean;
}

/** A new password, twice. */
export function PasswordForm(props: Props) {
  const { name, note, error, isBusy, onSet, asksCurrent = false, isFirst = true } = props;
  const { t } = useTranslation();
  return (
    <Form<Given>
      layout="vertical"
      requiredMark={false}
      onFinish={({ password, current }) => onSet({ password, ...(current && { current }) })}
    >
      {note !== undefined && <p className="soft form-note">{note}</p>}
      {Boolean(error) && <ProblemNote error={error} />}
      {/* So that password stores know whose it is. */}
      <input
        className="hidden-visually"
        autoComplete="username"
        value={name}
        readOnly
        tabIndex={-1}
        aria-hidden="true"
      />
      {asksCurrent && (
        <Form.Item
          name="current"
          label={t("signIn.choose.current")}
          rules={[{ required: true, message: t("signIn.needPassword") }]}
        >
          <Input.Password autoComplete="current-password" autoFocus={isFirst} />
        </Form.Item>
      )}
      <Form.Item
        name="password"
        label={t("signIn.choose.password")}
        rules={[
          {
            required: true,
            min: MIN_PASSWORD,
            message: t("signIn.choose.tooShort", { count: MIN_PASSWORD }),
          },
        ]}
      >
        <Input.Password autoComplete="new-password" autoFocus={isFirst && !asksCurrent} />
      </Form.Item>
      <Form.Item
        name="repeat"
        label={t("signIn.choose.repeat")}
        dependencies={["password"]}
        rules={[
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              value === getFieldValue("password")
                ? Promise.resolve()
                : Promise.reject(new Error(t("signIn.choose.differs"))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={isBusy}>
        {t("signIn.choose.submit")}
      </Button>
    </Form>
  );
}
