import { Input, InputNumber, Select, Switch } from "antd";
import { useTranslation } from "react-i18next";

import { useNodes } from "@/api/parties";
import { getAt, partiesOf, setAt, type Json, type Path } from "@/pages/designer/document/chain";
import { hasPlainParties, withOwnWorkers } from "@/pages/designer/document/parties";
import {
  fieldOf,
  PROTOCOLS,
  protocolOf,
  usualProtocol,
  withProtocol,
  type Protocol,
} from "@/pages/designer/document/protocols";
import { edit, useDesigner } from "@/pages/designer/document/store";
import { FieldFrame } from "@/pages/designer/form/FieldFrame";
import { PartiesField } from "@/pages/designer/inspector/PartiesField";
import { useChecked } from "@/pages/designer/useChecked";

import styles from "../form/form.module.css";

/** The chain itself: its parties, the protocol between them, and how it runs as a whole. */
export function ChainPart() {
  const { t } = useTranslation();
  const chain = useDesigner((designer) => designer.draft.chain);
  const { faults } = useChecked();
  const parties = partiesOf(chain);
  const { data: nodes = [] } = useNodes();
  const apart = withOwnWorkers(parties, nodes);
  const usual = usualProtocol(chain);
  const at = (path: Path) =>
    faults.filter((fault) => path.every((step, place) => fault.path[place] === step));
  const set = (path: Path, value: Json | undefined) =>
    edit((now) => setAt(now, path, value), { mark: path.join(".") });
  const option = (name: string) => getAt(chain, ["options", name]);
  return (
    <div className={styles.inner}>
      {hasPlainParties(chain) ? (
        <>
          <PartiesField parties={parties} faults={at(["options", "parties"])} />
          {apart.length > 0 && (
            <p className="faint">{t("designer.chain.apart", { parties: apart.join(", ") })}</p>
          )}
        </>
      ) : (
        <p className="faint">
          {parties.join(", ")}. {t("designer.chain.inYaml")}
        </p>
      )}
      <FieldFrame
        label={t("designer.chain.protocol")}
        description={t(`designer.chain.protocols.${protocolOf(chain) ?? usual}`)}
        faults={at(["options", "spu_config"])}
      >
        {(ids) => (
          <Select
            {...ids}
            value={protocolOf(chain) ?? "default"}
            onChange={(chosen: Protocol | "default") =>
              edit((now) => withProtocol(now, chosen === "default" ? undefined : chosen))
            }
            options={[
              {
                value: "default",
                label: t("designer.chain.byDefault", { protocol: usual, field: fieldOf(usual) }),
              },
              ...PROTOCOLS.map((protocol) => ({
                value: protocol,
                label: `${protocol} · ${fieldOf(protocol)}`,
                disabled:
                  (protocol === "CHEETAH" && parties.length !== 2) ||
                  (protocol === "ABY3" && parties.length !== 3),
              })),
            ]}
          />
        )}
      </FieldFrame>
      <FieldFrame label={t("designer.chain.description")} faults={at(["description"])}>
        {(ids) => (
          <Input.TextArea
            {...ids}
            autoSize={{ minRows: 2, maxRows: 6 }}
            maxLength={10_000}
            value={chain.description ?? ""}
            onChange={(event) => set(["description"], event.target.value || undefined)}
          />
        )}
      </FieldFrame>
      <FieldFrame label={t("designer.chain.priority")}>
        {(ids) => (
          <Select
            {...ids}
            value={(option("priority") as string | undefined) ?? "normal"}
            onChange={(chosen: string) =>
              set(["options", "priority"], chosen === "normal" ? undefined : chosen)
            }
            options={(["low", "normal", "high"] as const).map((priority) => ({
              value: priority,
              label: t(`designer.chain.priorities.${priority}`),
            }))}
          />
        )}
      </FieldFrame>
      <FieldFrame
        isInline
        label={t("designer.chain.stopOnError")}
        description={t("designer.chain.stopOnErrorHint")}
      >
        {(ids) => (
          <Switch
            {...ids}
            checked={option("stop_on_error") !== false}
            onChange={(on) => set(["options", "stop_on_error"], on ? undefined : false)}
          />
        )}
      </FieldFrame>
      <FieldFrame label={t("designer.chain.maxParallel")} faults={at(["options", "max_parallel"])}>
        {(ids) => (
          <InputNumber
            {...ids}
            min={1}
            precision={0}
            placeholder={t("designer.chain.unlimited")}
            value={(option("max_parallel") as number | undefined) ?? null}
            onChange={(value) => set(["options", "max_parallel"], value ?? undefined)}
          />
        )}
      </FieldFrame>
      <FieldFrame label={t("designer.chain.timeout")} faults={at(["options", "timeout"])}>
        {(ids) => (
          <InputNumber
            {...ids}
            min={1}
            suffix={t("designer.run.seconds")}
            placeholder={t("designer.chain.unlimited")}
            value={(option("timeout") as number | undefined) ?? null}
            onChange={(value) => set(["options", "timeout"], value ?? undefined)}
          />
        )}
      </FieldFrame>
    </div>
  );
}
