import { useQuery } from "@tanstack/react-query";
import { Button, Drawer, Skeleton, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { changesBetween, type Difference } from "@/pages/designer/document/changes";
import { edit, useDesigner } from "@/pages/designer/document/store";
import { Changes } from "@/pages/designer/Changes";
import { readChain, versionsOf, type VersionLine } from "@/pages/designer/saving";
import { useFormat } from "@/parts/format";
import { ProblemNote } from "@/parts/ProblemNote";
import { useTold } from "@/parts/useTold";

import styles from "./designer.module.css";

interface Props {
  readonly chainId: string;
  readonly onClose: () => void;
}

/** A chain's versions, newest first: what each is for, what differs, and a way back to it. */
export function VersionsDrawer({ chainId, onClose }: Props) {
  const { t } = useTranslation();
  const versions = useQuery({
    queryKey: ["versions", chainId],
    queryFn: () => versionsOf(chainId),
  });
  return (
    <Drawer open title={t("designer.versions.title")} onClose={onClose} size="min(440px, 100vw)">
      {versions.isLoading && <Skeleton active />}
      {versions.error && <ProblemNote error={versions.error} />}
      <ol className={styles.versions}>
        {versions.data?.map((line, at) => (
          <Version
            key={line.version}
            chainId={chainId}
            line={line}
            isNewest={at === 0}
            onClose={onClose}
          />
        ))}
      </ol>
    </Drawer>
  );
}

interface VersionProps extends Props {
  readonly line: VersionLine;
  readonly isNewest: boolean;
}

function Version({ chainId, line, isNewest, onClose }: VersionProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const told = useTold();
  const [changes, setChanges] = useState<readonly Difference[]>();
  const read = () => readChain(chainId, line.version);
  const compare = () =>
    told(async () => {
      const { chain } = await read();
      setChanges(changesBetween(chain, useDesigner.getState().draft.chain));
    });
  const restore = () =>
    told(
      async () => {
        const { chain } = await read();
        edit(() => chain);
        onClose();
      },
      t("designer.versions.restored", { version: line.version }),
    );
  return (
    <li>
      <div className={styles.versionHead}>
        <strong>{t("designer.savedAs", { version: line.version })}</strong>
        {isNewest && <Tag>{t("designer.versions.current")}</Tag>}
        <span className="faint">
          {line.created_by}, {format.when(line.created_at)}
        </span>
      </div>
      <p className={line.note === null ? "faint" : undefined}>
        {line.note ?? t("designer.versions.noNote")}
      </p>
      <div className={styles.versionDeeds}>
        <Button size="small" onClick={() => void compare()}>
          {t("designer.versions.compare")}
        </Button>
        <Button size="small" onClick={() => void restore()}>
          {t("designer.versions.restore")}
        </Button>
      </div>
      {changes && <Changes changes={changes} />}
    </li>
  );
}
