import { Select } from "antd";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";

import { useChains } from "@/api/chains";

interface Props {
  readonly value?: string;
  readonly onChange?: (chainId: string) => void;
  /** The chain's name, where it is known already. */
  readonly name: string | undefined;
  readonly isFixed: boolean;
}

/** A chain, found by a part of its name. */
export function ChainField({ value, onChange, name, isFixed }: Props) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search);
  const { data } = useChains({ page_size: 20, ...(wanted === "" ? {} : { name: wanted }) });
  const found = (data?.items ?? []).map((chain) => ({
    value: chain.chain_id,
    label: chain.chain_name,
  }));
  const isFound = found.some((each) => each.value === value);
  const own = value && !isFound ? [{ value, label: name ?? value }] : [];
  return (
    <Select
      value={value || null}
      disabled={isFixed}
      aria-label={t("schedules.chain")}
      placeholder={t("schedules.chainHint")}
      showSearch={{ filterOption: false, onSearch: (text) => setSearch(text.trim()) }}
      options={[...own, ...found]}
      {...(onChange ? { onChange } : {})}
    />
  );
}
