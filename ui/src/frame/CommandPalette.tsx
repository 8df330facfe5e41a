import { SearchOutlined } from "@ant-design/icons";
import { Input, Modal } from "antd";
import { useId, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";

import { useCommands, type Command } from "@/frame/commands";

import styles from "./CommandPalette.module.css";

/** Go anywhere and do anything by its name: arrows choose, Enter opens. */
export default function CommandPalette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const groups = useCommands(text);
  const all = groups.flatMap((group) => group.commands);
  const chosen = all[Math.min(at, all.length - 1)];

  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && all.length > 0) {
      event.preventDefault();
      setAt((now) => (Math.min(now, all.length - 1) + step + all.length) % all.length);
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      run(chosen);
    }
  };

  return (
    <Modal
      open
      footer={null}
      closable={false}
      onCancel={onClose}
      width={620}
      className={styles.palette ?? ""}
      style={{ top: "12vh" }}
      title={t("frame.palette.open")}
      destroyOnHidden
    >
      <Input
        autoFocus
        variant="borderless"
        size="large"
        prefix={<SearchOutlined />}
        placeholder={t("frame.palette.placeholder")}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={press}
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={chosen && `${list}-${chosen.key}`}
        aria-label={t("frame.palette.open")}
      />
      <div id={list} role="listbox" aria-label={t("frame.palette.open")} className={styles.list}>
        {groups.map((group) => (
          <div key={group.key} role="group" aria-label={t(`frame.palette.${group.key}`)}>
            <div className={styles.group} aria-hidden="true">
              {t(`frame.palette.${group.key}`)}
            </div>
            {group.commands.map((command) => (
              <div
                key={command.key}
                id={`${list}-${command.key}`}
                role="option"
                aria-selected={command === chosen}
                className={styles.option}
                ref={(element) => {
                  if (command === chosen) element?.scrollIntoView?.({ block: "nearest" });
                }}
                onMouseMove={() => setAt(all.indexOf(command))}
                onClick={() => run(command)}
              >
                {command.icon}
                <span className={styles.name}>{command.name}</span>
                {command.note !== undefined && <span className="faint">{command.note}</span>}
              </div>
            ))}
          </div>
        ))}
        {all.length === 0 && (
          <p className={styles.nothing}>{t("frame.palette.nothing", { text })}</p>
        )}
      </div>
      <p className={styles.keys}>{t("frame.palette.keys")}</p>
    </Modal>
  );
}
