import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { PlacedFault } from "@/pages/designer/document/faults";
import { addParty, freeParty, removeParty, renameParty } from "@/pages/designer/document/parties";
import { edit } from "@/pages/designer/document/store";
import { FieldFrame } from "@/pages/designer/form/FieldFrame";
import { useKnown } from "@/pages/designer/useKnown";

import styles from "../form/form.module.css";

const MOST = 5;

interface Props {
  readonly parties: readonly string[];
  readonly faults: readonly PlacedFault[];
}

/** The chain's parties; a new name goes wherever the old one stood. */
export function PartiesField({ parties, faults }: Props) {
  const { t } = useTranslation();
  const { kinds, offers } = useKnown();
  return (
    <FieldFrame label={t("designer.chain.parties")} faults={faults}>
      {(ids) => (
        <div className={styles.parties} id={ids.id}>
          {parties.map((party, at) => (
            <PartyRow key={`${at}:${party}`} party={party} number={at + 1} parties={parties} />
          ))}
          {parties.length < MOST && (
            <Button
              size="small"
              icon={<PlusOutlined />}
              onClick={() => edit((chain) => addParty(chain, kinds, offers, freeParty(parties)))}
            >
              {t("designer.chain.addParty")}
            </Button>
          )}
        </div>
      )}
    </FieldFrame>
  );
}

interface RowProps {
  readonly party: string;
  readonly number: number;
  readonly parties: readonly string[];
}

function PartyRow({ party, number, parties }: RowProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(party);
  const isGood =
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(typed) && (typed === party || !parties.includes(typed));
  const rename = () => {
    if (!isGood) setTyped(party);
    else if (typed !== party) edit((chain) => renameParty(chain, party, typed));
  };
  return (
    <div className={styles.party}>
      <div className={styles.row}>
        <Input
          aria-label={t("designer.chain.party", { number })}
          value={typed}
          {...(!isGood && { status: "error" as const })}
          onChange={(event) => setTyped(event.target.value.trim())}
          onBlur={rename}
          onPressEnter={rename}
        />
        <Button
          type="text"
          icon={<DeleteOutlined />}
          disabled={parties.length < 2}
          aria-label={t("designer.chain.removeParty", { party })}
          onClick={() => edit((chain) => removeParty(chain, party))}
        />
      </div>
      {!isGood && <span className="faint">{t("designer.chain.badParty")}</span>}
    </div>
  );
}
