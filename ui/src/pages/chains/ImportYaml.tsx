import { UploadOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Input, Modal } from "antd";
import type { TextAreaRef } from "antd/es/input/TextArea";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { importChain } from "@/api/chains";
import { Problem } from "@/api/problem";
import { ProblemNote } from "@/parts/ProblemNote";
import { useServerWords } from "@/words/useServerWords";

import { lineOf } from "./lines";

import styles from "./ImportYaml.module.css";

/** A chain from YAML, pasted or dropped; every fault with its line. */
export function ImportYaml({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [isOver, setOver] = useState(false);
  const area = useRef<TextAreaRef>(null);
  const chosen = useRef<HTMLInputElement>(null);
  const create = useMutation({
    mutationFn: () => importChain(text),
    onSuccess: (chainId) => void navigate(`/chains/${chainId}`),
  });
  const take = async (file: File | undefined) => {
    if (!file) return;
    create.reset();
    setText(await file.text());
  };
  const goTo = (line: number) => {
    const field = area.current?.resizableTextArea?.textArea;
    const lines = text.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    field?.focus();
    field?.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    if (field) field.scrollTop = (field.scrollHeight / lines.length) * (line - 3);
  };

  return (
    <Modal
      open
      width={760}
      title={t("chains.yaml.title")}
      okText={t("chains.yaml.submit")}
      okButtonProps={{ disabled: text.trim() === "", loading: create.isPending }}
      cancelText={t("common.cancel")}
      onOk={() => create.mutate()}
      onCancel={onClose}
    >
      <p className="soft form-note">{t("chains.yaml.note")}</p>
      <div
        className={isOver ? styles.over : styles.drop}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void take(event.dataTransfer.files[0]);
        }}
      >
        <Input.TextArea
          ref={area}
          className={styles.text ?? ""}
          rows={14}
          spellCheck={false}
          wrap="off"
          aria-label={t("chains.yaml.label")}
          placeholder={"chain_name: …\ntasks:\n  - task_id: …"}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            if (create.isError) create.reset();
          }}
        />
      </div>
      <input
        ref={chosen}
        type="file"
        accept=".yaml,.yml,.json,text/yaml"
        hidden
        aria-label={t("chains.yaml.file")}
        onChange={(event) => {
          void take(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
      <Button
        icon={<UploadOutlined />}
        className={styles.file ?? ""}
        onClick={() => chosen.current?.click()}
      >
        {t("chains.yaml.file")}
      </Button>
      {create.isError && <Faults error={create.error} text={text} onLine={goTo} />}
    </Modal>
  );
}

interface FaultsProps {
  readonly error: unknown;
  readonly text: string;
  readonly onLine: (line: number) => void;
}

function Faults({ error, text, onLine }: FaultsProps) {
  const { t } = useTranslation();
  const say = useServerWords();
  const faults = (error instanceof Problem && error.body?.faults) || [];
  if (faults.length === 0) return <ProblemNote error={error} title={t("chains.yaml.failed")} />;
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={t("chains.yaml.failed")}
      description={
        <ul className={styles.faults}>
          {faults.map((fault, at) => {
            const line = lineOf(text, fault.path);
            return (
              <li key={at}>
                {line !== undefined && (
                  <Button
                    type="link"
                    size="small"
                    className={styles.line ?? ""}
                    onClick={() => onLine(line)}
                  >
                    {t("chains.yaml.line", { line })}
                  </Button>
                )}
                <code>{fault.path}</code> {say(fault.message)}
              </li>
            );
          })}
        </ul>
      }
    />
  );
}
