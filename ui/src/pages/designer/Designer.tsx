import { Alert, Segmented } from "antd";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { useMay } from "@/api/session";
import { useMedia } from "@/frame/media";
import { layout } from "@/graph/layout";
import { add, copy, paste, remove } from "@/pages/designer/deeds";
import { edgesOf } from "@/pages/designer/document/edges";
import { fieldOf, type PlacedFault } from "@/pages/designer/document/faults";
import type { TaskKind } from "@/pages/designer/document/kinds";
import { isChanged, select, useDesigner } from "@/pages/designer/document/store";
import { Bottom } from "@/pages/designer/Bottom";
import { DryRunDrawer } from "@/pages/designer/DryRunDrawer";
import { focusField, focusInspector, partOf } from "@/pages/designer/focus";
import { Inspector } from "@/pages/designer/inspector/Inspector";
import { Palette } from "@/pages/designer/Palette";
import { Picture } from "@/pages/designer/Picture";
import { SaveDialog } from "@/pages/designer/SaveDialog";
import { runChain, type Stored } from "@/pages/designer/saving";
import { Toolbar } from "@/pages/designer/Toolbar";
import { useKeys } from "@/pages/designer/useKeys";
import { useKnown } from "@/pages/designer/useKnown";
import { useUnsaved } from "@/pages/designer/useUnsaved";
import { VersionsDrawer } from "@/pages/designer/VersionsDrawer";
import { useTold } from "@/parts/useTold";
import { useNames } from "@/words/types/useNames";

import styles from "./designer.module.css";

const YamlPane = lazy(async () => ({ default: (await import("./YamlPane")).YamlPane }));

interface Props {
  /** What was stored when the page was opened; undefined for a new chain. */
  readonly begun: Stored | undefined;
  readonly note: React.ReactNode;
}

type Pane = "palette" | "picture" | "inspector" | "text";
type Dialog = "save" | "run" | "versions" | "dry" | undefined;

/** The designer: palette, picture, settings of what is selected, and the YAML of it all. */
export function Designer({ begun, note }: Props) {
  const { t } = useTranslation();
  const names = useNames();
  const navigate = useNavigate();
  const told = useTold();
  const mayWrite = useMay("operator");
  const known = useKnown();
  const chain = useDesigner((designer) => designer.draft.chain);
  const byHand = useDesigner((designer) => designer.draft.places);
  const isNarrow = useMedia("(max-width: 1023px)");
  const [now, setNow] = useState(begun);
  const [dialog, setDialog] = useState<Dialog>();
  const [pane, setPane] = useState<Pane>("picture");
  const [part, setPart] = useState("inputs");
  const [isBusy, setBusy] = useState(false);
  useUnsaved(now?.chainId, now?.version ?? 0);

  const { kinds } = known;
  const edges = useMemo(() => edgesOf(chain, kinds, names.field), [chain, kinds, names]);
  const places = useMemo(() => {
    const ids = chain.tasks.map((task) => task.task_id);
    const laid = byHand && ids.every((id) => byHand[id]) ? byHand : layout(ids, edges);
    return byHand ? { ...laid, ...pick(byHand, ids) } : laid;
  }, [chain, edges, byHand]);

  const onSave = useCallback(() => setDialog("save"), []);
  const onDryRun = useCallback(() => setDialog("dry"), []);
  useKeys({ kinds, places, onSave, onDryRun });

  const openTask = (id: string) => {
    select([id]);
    setPane("inspector");
    focusInspector(id);
  };
  const addKind = (kind: TaskKind) => {
    const id = add(kind, known, places);
    setPart("inputs");
    openTask(id);
  };
  const go = (fault: PlacedFault) => {
    if (fault.task !== undefined) openTask(fault.task);
    else select([]);
    setPart(partOf(fault, kinds, chain));
    setPane("inspector");
    focusField(fieldOf(fault));
  };
  const start = async (chainId: string) => {
    setBusy(true);
    const isDone = await told(() => runChain(chainId));
    setBusy(false);
    if (isDone) void navigate(`/chains/${chainId}`);
  };
  const onRun = () => {
    if (now === undefined || isChanged(useDesigner.getState())) setDialog("run");
    else void start(now.chainId);
  };
  const onSaved = (saved: Stored) => {
    const isNew = now === undefined;
    setNow(saved);
    setDialog(undefined);
    if (dialog === "run") void start(saved.chainId);
    else if (isNew) void navigate(`/chains/${saved.chainId}/edit`, { replace: true });
  };

  const panes: Record<Pane, React.ReactNode> = {
    palette: <Palette onAdd={addKind} />,
    // Without the types nobody knows where edges end.
    picture: known.isLoading ? (
      <div className={styles.picture} aria-busy />
    ) : (
      <Picture edges={edges} places={places} onOpen={openTask} />
    ),
    inspector: <Inspector edges={edges} part={part} onPart={setPart} />,
    text: (
      <Suspense fallback={<div className={styles.yaml} />}>
        <YamlPane />
      </Suspense>
    ),
  };
  return (
    <div className={styles.designer}>
      <Toolbar
        version={now?.version}
        isBusy={isBusy}
        onCopy={copy}
        onPaste={() => paste(kinds, places)}
        onRemove={() => remove(kinds, useDesigner.getState().selected)}
        onDryRun={onDryRun}
        onSave={onSave}
        onRun={onRun}
        onVersions={() => setDialog("versions")}
      />
      {note}
      {!mayWrite && <Alert banner type="info" title={t("designer.readOnly")} />}
      {isNarrow ? (
        <>
          <Segmented
            block
            className={styles.panes ?? ""}
            value={pane}
            onChange={(next: Pane) => setPane(next)}
            options={(["palette", "picture", "inspector", "text"] as const).map((each) => ({
              value: each,
              label: t(each === "palette" ? "designer.pane.add" : `designer.pane.${each}`),
            }))}
          />
          <div className={styles.onePane}>{panes[pane]}</div>
        </>
      ) : (
        <div className={styles.columns}>
          <aside className={styles.left} aria-label={t("designer.pane.palette")}>
            {panes.palette}
          </aside>
          {panes.picture}
          <aside className={styles.right} aria-label={t("designer.pane.inspector")}>
            {panes.inspector}
          </aside>
        </div>
      )}
      <Bottom onGo={go} hasText={!isNarrow} text={panes.text} />
      {(dialog === "save" || dialog === "run") && (
        <SaveDialog
          before={now}
          willRun={dialog === "run"}
          onClose={() => setDialog(undefined)}
          onSaved={onSaved}
        />
      )}
      {dialog === "dry" && <DryRunDrawer before={now} onClose={() => setDialog(undefined)} />}
      {dialog === "versions" && now && (
        <VersionsDrawer chainId={now.chainId} onClose={() => setDialog(undefined)} />
      )}
    </div>
  );
}

function pick<T>(from: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(keys.flatMap((key) => (from[key] ? [[key, from[key]]] : [])));
}
