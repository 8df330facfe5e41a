import { Alert, Button, Form, Input, Modal, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Changes } from "@/pages/designer/Changes";
import { changesBetween } from "@/pages/designer/document/changes";
import { open, stored, useDesigner } from "@/pages/designer/document/store";
import { keepDraft } from "@/pages/designer/drafts";
import { createChain, isStale, readChain, saveChain, type Stored } from "@/pages/designer/saving";
import { useChecked } from "@/pages/designer/useChecked";
import { ProblemNote } from "@/parts/ProblemNote";

interface Props {
  /** What is stored now; undefined for a new chain. */
  readonly before: Stored | undefined;
  readonly willRun: boolean;
  readonly onClose: () => void;
  readonly onSaved: (now: Stored) => void;
}

/** Save the picture as a version, with a note; what somebody else saved meanwhile is not lost. */
export function SaveDialog({ before, willRun, onClose, onSaved }: Props) {
  const { t } = useTranslation();
  const { faults } = useChecked();
  const [note, setNote] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const [theirs, setTheirs] = useState<Stored>();

  const save = async (onto: number | undefined) => {
    const { chain } = useDesigner.getState().draft;
    setBusy(true);
    setFault(undefined);
    try {
      const now =
        before === undefined
          ? await createChain(chain)
          : await saveChain(before.chainId, chain, onto ?? before.version, note);
      stored(chain);
      keepDraft(before?.chainId, undefined); // at once: who runs it leaves the page now
      onSaved(now);
    } catch (error) {
      if (before && isStale(error)) setTheirs(await readChain(before.chainId));
      else setFault(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={
        willRun
          ? t("designer.save.runTitle")
          : before
            ? t("designer.save.title")
            : t("designer.save.first")
      }
      okText={willRun ? t("designer.save.runTitle") : t("designer.tool.save")}
      confirmLoading={isBusy}
      okButtonProps={{
        disabled: theirs !== undefined || faults.length > 0,
        autoFocus: before === undefined,
      }}
      onOk={() => void save(undefined)}
      onCancel={onClose}
      destroyOnHidden
    >
      <Space orientation="vertical" size="middle" style={{ width: "100%" }}>
        {faults.length > 0 && <Alert type="warning" showIcon title={t("designer.save.faulty")} />}
        {before !== undefined && (
          <Form layout="vertical" onFinish={() => void save(undefined)}>
            <Form.Item
              label={t("designer.save.note")}
              htmlFor="save-note"
              style={{ marginBottom: 0 }}
            >
              <Input
                id="save-note"
                autoFocus
                maxLength={255}
                value={note}
                placeholder={t("designer.save.notePlaceholder")}
                onChange={(event) => setNote(event.target.value)}
              />
            </Form.Item>
          </Form>
        )}
        {theirs && before && (
          <Alert
            type="warning"
            showIcon
            title={t("designer.save.conflict", { version: theirs.version })}
            description={
              <>
                <p>{t("designer.save.conflictHint", { mine: before.version })}</p>
                <Changes changes={changesBetween(before.chain, theirs.chain)} />
              </>
            }
            action={
              <Space orientation="vertical">
                <Button
                  size="small"
                  onClick={() => {
                    open(theirs.chain);
                    onSaved(theirs);
                  }}
                >
                  {t("designer.save.theirs")}
                </Button>
                <Button size="small" loading={isBusy} onClick={() => void save(theirs.version)}>
                  {t("designer.save.mine")}
                </Button>
              </Space>
            }
          />
        )}
        {fault !== undefined && <ProblemNote error={fault} />}
      </Space>
    </Modal>
  );
}
