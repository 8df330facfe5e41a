import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Skeleton } from "antd";
import { useLayoutEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";

import { Designer } from "@/pages/designer/Designer";
import { keepDraft, keptDraft, keptPlaces, type KeptDraft } from "@/pages/designer/drafts";
import { EMPTY, open, useDesigner } from "@/pages/designer/document/store";
import { readYaml } from "@/pages/designer/document/yaml";
import { readChain, type Stored } from "@/pages/designer/saving";
import { CheckedProvider } from "@/pages/designer/useChecked";
import { KnownProvider } from "@/pages/designer/useKnown";
import { useFormat } from "@/parts/format";
import { usePageTitle } from "@/parts/Page";
import { ProblemNote } from "@/parts/ProblemNote";

/** A new chain, or the newest version of one, in the designer. */
export function Component() {
  const { t } = useTranslation();
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
  if (found.error) return <ProblemNote error={found.error} title={t("designer.loadFailed")} />;
  if (chainId !== undefined && found.data === undefined) return <Skeleton active />;
  return <Opened key={chainId ?? "new"} begun={chainId === undefined ? undefined : found.data} />;
}

/** Begin with what is stored, and with what was left unsaved of it in this browser. */
function Opened({ begun }: { begun: Stored | undefined }) {
  const [kept, setKept] = useState<KeptDraft | undefined>(() => keptDraft(begun?.chainId));
  useLayoutEffect(() => {
    start(begun, isOfNow(kept, begun) ? kept : undefined);
    // Only once: from here on the work itself is what counts.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return (
    <KnownProvider>
      <CheckedProvider>
        <Designer
          begun={begun}
          note={kept && <KeptNote kept={kept} begun={begun} onDone={() => setKept(undefined)} />}
        />
      </CheckedProvider>
    </KnownProvider>
  );
}

interface NoteProps {
  readonly kept: KeptDraft;
  readonly begun: Stored | undefined;
  readonly onDone: () => void;
}

function KeptNote({ kept, begun, onDone }: NoteProps) {
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
          : t("designer.draft.older", { when, version: kept.version })
      }
      action={
        <>
          {!isTaken && (
            <Button
              size="small"
              onClick={() => {
                start(begun, kept);
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
              if (isTaken) start(begun, undefined);
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

/** Whether a draft was begun with what is stored now: then nothing of anybody's is lost by it. */
function isOfNow(kept: KeptDraft | undefined, begun: Stored | undefined): boolean {
  return kept !== undefined && kept.version === (begun?.version ?? 0);
}

function start(begun: Stored | undefined, kept: KeptDraft | undefined): void {
  const read = kept && readYaml(kept.text).chain;
  const places = begun && keptPlaces(begun.chainId);
  const saved = begun?.chain ?? EMPTY;
  open(saved, read ? { chain: read, text: kept.text, places: kept.places } : { places });
}
