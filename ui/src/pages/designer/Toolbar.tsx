import {
  CaretRightOutlined,
  CopyOutlined,
  DeleteOutlined,
  ExperimentOutlined,
  HistoryOutlined,
  NodeIndexOutlined,
  QuestionCircleOutlined,
  RedoOutlined,
  SaveOutlined,
  SnippetsOutlined,
  UndoOutlined,
} from "@ant-design/icons";
import { Button, Input, Popover, Tooltip } from "antd";
import { lazy, Suspense, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useMay } from "@/api/session";
import { usePhone } from "@/frame/media";
import { edit, isChanged, redo, tidy, undo, useDesigner } from "@/pages/designer/document/store";
import { Keys } from "@/pages/designer/Keys";

import styles from "./designer.module.css";

const FoldedTools = lazy(async () => ({
  default: (await import("./FoldedTools")).FoldedTools,
}));

interface Props {
  /** The newest version that the picture began with; undefined for a new chain. */
  readonly version: number | undefined;
  readonly onCopy: () => void;
  readonly onPaste: () => void;
  readonly onRemove: () => void;
  readonly onDryRun: () => void;
  readonly onSave: () => void;
  readonly onRun: () => void;
  readonly onVersions: () => void;
  readonly isBusy: boolean;
}

/** The chain's name and state, and what can be done with it. */
export function Toolbar(props: Props) {
  const { t } = useTranslation();
  const isPhone = usePhone();
  const mayWrite = useMay("operator");
  const name = useDesigner((designer) => designer.draft.chain.chain_name);
  const hasPast = useDesigner((designer) => designer.past.length > 0);
  const hasFuture = useDesigner((designer) => designer.future.length > 0);
  const hasSelection = useDesigner((designer) => designer.selected.length > 0);
  const hasCopied = useDesigner((designer) => designer.copied.length > 0);
  const isUnsaved = useDesigner(isChanged);
  return (
    <div className={styles.toolbar} role="toolbar" aria-label={t("designer.tool.label")}>
      <div className={styles.naming}>
        <h1 className="hidden-visually">
          {t("designer.title")}: {name}
        </h1>
        <Input
          variant="borderless"
          className={styles.name ?? ""}
          aria-label={t("designer.name")}
          value={name}
          maxLength={255}
          {...(name === "" && { status: "error" as const })}
          onChange={(event) => {
            const chain_name = event.target.value;
            edit((chain) => ({ ...chain, chain_name }), { mark: "chain_name" });
          }}
        />
        <span className={styles.version}>
          {props.version !== undefined && t("designer.savedAs", { version: props.version })}
          {(isUnsaved || props.version === undefined) && (
            <em>
              {props.version !== undefined && " · "}
              {t("designer.unsaved")}
            </em>
          )}
        </span>
      </div>
      <div className={styles.tools}>
        <Tool
          icon={<UndoOutlined />}
          label={t("designer.tool.undo")}
          keys="Ctrl Z"
          isOff={!hasPast}
          onClick={undo}
        />
        <Tool
          icon={<RedoOutlined />}
          label={t("designer.tool.redo")}
          keys="Ctrl Shift Z"
          isOff={!hasFuture}
          onClick={redo}
        />
        {isPhone ? (
          <Suspense fallback={null}>
            <FoldedTools
              hasSelection={hasSelection}
              hasCopied={hasCopied}
              hasVersions={props.version !== undefined}
              deeds={{
                copy: props.onCopy,
                paste: props.onPaste,
                tidy,
                versions: props.onVersions,
                remove: props.onRemove,
              }}
            />
          </Suspense>
        ) : (
          <>
            <span className={styles.gap} />
            <Tool
              icon={<CopyOutlined />}
              label={t("designer.tool.copy")}
              keys="Ctrl C"
              isOff={!hasSelection}
              onClick={props.onCopy}
            />
            <Tool
              icon={<SnippetsOutlined />}
              label={t("designer.tool.paste")}
              keys="Ctrl V"
              isOff={!hasCopied}
              onClick={props.onPaste}
            />
            <Tool
              icon={<DeleteOutlined />}
              label={t("designer.tool.remove")}
              keys="Del"
              isOff={!hasSelection}
              onClick={props.onRemove}
            />
            <Tool
              icon={<NodeIndexOutlined />}
              label={t("designer.tool.tidy")}
              keys="Ctrl Shift L"
              isOff={false}
              onClick={tidy}
            />
            <Popover content={<Keys />} trigger="click" placement="bottom">
              <Button
                type="text"
                icon={<QuestionCircleOutlined />}
                aria-label={t("designer.tool.keys")}
              />
            </Popover>
          </>
        )}
      </div>
      <div className={styles.deeds}>
        {props.version !== undefined && !isPhone && (
          <Wide
            icon={<HistoryOutlined />}
            label={t("designer.tool.versions")}
            isPhone={false}
            onClick={props.onVersions}
          />
        )}
        <Wide
          icon={<ExperimentOutlined />}
          label={t("designer.tool.dryRun")}
          isPhone={isPhone}
          onClick={props.onDryRun}
        />
        {mayWrite && (
          <>
            <Wide
              icon={<SaveOutlined />}
              label={t("designer.tool.save")}
              isPhone={isPhone}
              onClick={props.onSave}
            />
            <Button
              type="primary"
              icon={<CaretRightOutlined />}
              aria-label={t("designer.tool.run")}
              loading={props.isBusy}
              onClick={props.onRun}
            >
              {t("designer.tool.run")}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}

interface ToolProps {
  readonly icon: ReactNode;
  readonly label: string;
  readonly keys: string;
  readonly isOff: boolean;
  readonly onClick: () => void;
}

function Tool({ icon, label, keys, isOff, onClick }: ToolProps) {
  return (
    <Tooltip title={`${label} (${keys})`}>
      <Button type="text" icon={icon} aria-label={label} disabled={isOff} onClick={onClick} />
    </Tooltip>
  );
}

interface WideProps {
  readonly icon: ReactNode;
  readonly label: string;
  readonly isPhone: boolean;
  readonly onClick: () => void;
}

function Wide({ icon, label, isPhone, onClick }: WideProps) {
  return (
    <Button icon={icon} aria-label={label} onClick={onClick}>
      {!isPhone && label}
    </Button>
  );
}
