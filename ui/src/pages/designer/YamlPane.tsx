import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import {
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
} from "@codemirror/language";
import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { Annotation, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { nonce } from "@/frame/nonce";
import { type, useDesigner } from "@/pages/designer/document/store";
import { difference } from "@/pages/designer/document/difference";
import { rangeOf } from "@/pages/designer/document/yaml";
import { useChecked } from "@/pages/designer/useChecked";
import { useServerWords } from "@/words/useServerWords";

import styles from "./designer.module.css";

/** Marks a change of the text that came from the picture. */
const fromPicture = Annotation.define<boolean>();

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
  { tag: tags.comment, color: "var(--ink-faint)", fontStyle: "italic" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--group-understand)" },
  { tag: [tags.string, tags.content], color: "var(--ink)" },
]);

/** The YAML of the chain, always in step with the picture; faults are underlined at their places. */
export function YamlPane() {
  const { t } = useTranslation();
  const say = useServerWords();
  const text = useDesigner((designer) => designer.draft.text);
  const fault = useDesigner((designer) => designer.draft.fault);
  const { faults } = useChecked();
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const label = t("designer.pane.text");

  useEffect(() => {
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: useDesigner.getState().draft.text,
        extensions: [
          ...(nonce === "" ? [] : [EditorView.cspNonce.of(nonce)]),
          lineNumbers(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          yaml(),
          syntaxHighlighting(colours),
          lintGutter(),
          keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            const isOurs = update.transactions.some((each) => each.annotation(fromPicture));
            if (!isOurs) type(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [label]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === text) return;
    const changes = difference(editor.state.doc.toString(), text);
    editor.dispatch({ changes, annotations: fromPicture.of(true) });
  }, [text]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const length = editor.state.doc.length;
    const at = (from: number, to: number, message: string): Diagnostic => {
      const start = Math.min(from, Math.max(length - 1, 0));
      return { from: start, to: Math.min(Math.max(to, start), length), message, severity: "error" };
    };
    const found = fault
      ? [at(fault.from, fault.to, say(fault.message))]
      : faults.map((each) => at(...rangeOf(text, each.path), say(each.message)));
    editor.dispatch(setDiagnostics(editor.state, found));
  }, [text, fault, faults, say]);

  return <div ref={host} className={styles.yaml} />;
}
