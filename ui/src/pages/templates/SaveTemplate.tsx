import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Input, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { parse, YAMLParseError } from "yaml";

import { exportChain, useChains } from "@/api/chains";
import { saveTemplate, TEMPLATES_KEY } from "@/api/templates";
import { ProblemNote } from "@/parts/ProblemNote";
import { useTold } from "@/parts/useTold";

import { templateOf } from "./start";

import styles from "./TemplatesPage.module.css";

/** An own template, from a chain's document that is given blanks. */
export function SaveTemplate({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const told = useTold();
  const [text, setText] = useState("");
  const [search, setSearch] = useState("");
  const { data: chains } = useChains({ page_size: 20, ...(search === "" ? {} : { name: search }) });
  const save = useMutation({
    mutationFn: async () => {
      await saveTemplate(read(text, (fault) => t("templates.broken", { fault })));
    },
    onSuccess: async () => {
      void message.success(t("templates.saved"));
      await queries.invalidateQueries({ queryKey: [TEMPLATES_KEY] });
      onClose();
    },
  });
  return (
    <Modal
      open
      width={760}
      title={t("templates.save")}
      okText={t("common.save")}
      okButtonProps={{ disabled: text.trim() === "", loading: save.isPending }}
      cancelText={t("common.cancel")}
      onOk={() => save.mutate()}
      onCancel={onClose}
    >
      <p className="soft form-note">{t("templates.saveNote")}</p>
      <Select
        className={styles.start ?? ""}
        placeholder={t("templates.startFrom")}
        aria-label={t("templates.startFrom")}
        showSearch={{ filterOption: false, onSearch: (name) => setSearch(name.trim()) }}
        options={(chains?.items ?? []).map((chain) => ({
          value: chain.chain_id,
          label: chain.chain_name,
        }))}
        onChange={(chainId: string) =>
          void told(async () => setText(templateOf(await exportChain(chainId))))
        }
      />
      <Input.TextArea
        className={styles.area ?? ""}
        rows={16}
        wrap="off"
        spellCheck={false}
        aria-label={t("templates.yaml")}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          if (save.isError) save.reset();
        }}
      />
      {save.isError && <ProblemNote error={save.error} />}
    </Modal>
  );
}

function read(text: string, broken: (fault: string) => string): unknown {
  try {
    return parse(text);
  } catch (fault) {
    if (fault instanceof YAMLParseError) throw new Error(broken(fault.message), { cause: fault });
    throw fault;
  }
}
