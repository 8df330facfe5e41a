import { Button, Modal, Typography } from "antd";
import { useTranslation } from "react-i18next";

interface Props {
  readonly title: string;
  readonly note: string;
  readonly secret: string;
  readonly onClose: () => void;
}

/** A secret that is shown once: a token, a one-time link. */
export function Shown({ title, note, secret, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Modal
      open
      title={title}
      footer={
        <Button type="primary" onClick={onClose}>
          {t("settings.kept")}
        </Button>
      }
      onCancel={onClose}
      mask={{ closable: false }}
    >
      <p className="soft form-note">{note}</p>
      <Typography.Paragraph
        code
        copyable={{ text: secret, tooltips: [t("common.copy"), t("common.copied")] }}
        className="secret"
      >
        {secret}
      </Typography.Paragraph>
    </Modal>
  );
}
