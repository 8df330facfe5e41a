import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Skeleton } from "antd";
import { useLayoutEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";

import { useModel } from "@/api/models";
import { Designer } from "@/pages/designer/Designer";
import { keepDraft, keptDraft, keptPlaces, type KeptDraft } from "@/pages/designer/drafts";
import type { Chain } from "@/pages/designer/document/chain";
import { EMPTY, open, useDesigner } from "@/pages/designer/document/store";
import { readYaml, writeYaml } from "@/pages/designer/document/yaml";
import { predictingWith } from "@/pages/designer/predicting";
import { readChain, type Stored } from "@/pages/designer/saving";
import { CheckedProvider } from "@/pages/designer/useChecked";
import { KnownProvider } from "@/pages/designer/useKnown";
import { useFormat } from "@/parts/format";
import { usePageTitle } from "@/parts/Page";
import { ProblemNote } from "@/parts/ProblemNote";

/** A new chain, or the newest version of one, in the designer; `?model=` begins with a prediction. */
export function Component() {
  const { t } = useTranslation();
  const [params] = useSearchParams();
  const { chainId } = useParams();
  const chain = useDesigner((designer) => designer.draft.chain);
  usePageTitle(chain.chain_name);
  const found = useQuery({
    queryKey: ["chain-document", chainId],
    queryFn: () => readChain(chainId!),
    enabled: chainId !== undefined,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const modelId = chainId === undefined ? (params.get("model") ?? undefined) : undefined;
  const model = useModel(modelId);
  if (model.error) return <ProblemNote error={model.error} title={t("designer.loadFailed")} />;
  if (modelId !== undefined && !model.data) return <Skeleton active />;
  if (found.error) return <ProblemNote error={found.error} title={t("designer.loadFailed")} />;
  if (chainId !== undefined && found.data === undefined) return <Skeleton active />;
  const name = model.data && `${t("models.predict")}: ${model.data.task_type}`;
  return (
    <Opened
      key={chainId ?? modelId ?? "new"}
      begun={chainId === undefined ? undefined : found.data}
      proposed={model.data && name ? predictingWith(model.data, name) : undefined}
    />
  );
}

/** Begin with what is stored, and with what was left unsaved of it in this browser. */
function Opened({ begun, proposed }: { begun: Stored | undefined; proposed: Chain | undefined }) {
  const { t } = useTranslation();
  const fresh = { ...EMPTY, chain_name: t("designer.newName") };
  const [kept, setKept] = useState<KeptDraft | undefined>(() =>
    // What was left of another new chain stays to be taken instead of what is proposed.
    older(keptDraft(begun?.chainId), proposed !== undefined),
  );
  useLayoutEffect(() => {
    if (proposed) open(EMPTY, { chain: proposed, text: writeYaml(proposed) });
    else start(begun?.chain ?? fresh, begun, isOfNow(kept, begun) ? kept : undefined);
    // Only once: from here on the work itself is what counts.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return (
    <KnownProvider>
      <CheckedProvider>
        <Designer
          begun={begun}
          note={
            kept && (
              <KeptNote kept={kept} begun={begun} fresh={fresh} onDone={() => setKept(undefined)} />
            )
          }
        />
      </CheckedProvider>
    </KnownProvider>
  );
}

interface NoteProps {
  readonly kept: KeptDraft;
  readonly begun: Stored | undefined;
  readonly fresh: Chain;
  readonly onDone: () => void;
}

function KeptNote({ kept, begun, fresh, onDone }: NoteProps) {
  const saved = begun?.chain ?? fresh;
  const { t } = useTranslation();
  const format = useFormat();
  const when = format.when(new Date(kept.at));
  const isTaken = isOfNow(kept, begun);
  return (
    <Alert
      banner
      type="info"
      closable
      onClose={onDone}
      title={
        isTaken
          ? t("designer.draft.restored", { when })
          : t("designer.draft.older", { when, version: Math.max(0, kept.version) })
      }
      action={
        <>
          {!isTaken && (
            <Button
              size="small"
              onClick={() => {
                start(saved, begun, kept);
                onDone();
              }}
            >
              {t("designer.draft.take")}
            </Button>
          )}
          <Button
            size="small"
            type="text"
            onClick={() => {
              keepDraft(begun?.chainId, undefined);
              if (isTaken) start(saved, begun, undefined);
              onDone();
            }}
          >
            {t("designer.draft.drop")}
          </Button>
        </>
      }
    />
  );
}

function older(kept: KeptDraft | undefined, isOlder: boolean): KeptDraft | undefined {
  return kept && isOlder ? { ...kept, version: -1 } : kept;
}

/** Whether a draft was begun with what is stored now: then nothing of anybody's is lost by it. */
function isOfNow(kept: KeptDraft | undefined, begun: Stored | undefined): boolean {
  return kept !== undefined && kept.version === (begun?.version ?? 0);
}

function start(saved: Chain, begun: Stored | undefined, kept: KeptDraft | undefined): void {
  const read = kept && readYaml(kept.text).chain;
  const places = begun && keptPlaces(begun.chainId);
  open(saved, read ? { chain: read, text: kept.text, places: kept.places } : { places });
}
