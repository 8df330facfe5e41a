import { BulbOutlined, GlobalOutlined, LogoutOutlined, PlusOutlined } from "@ant-design/icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";

import { api } from "@/api/client";
import { signOut, useMay } from "@/api/session";
import { choose, useChoices } from "@/frame/choices";
import { useDark } from "@/frame/Look";
import { places } from "@/frame/places";
import { StateShape } from "@/parts/StateShape";

export interface Command {
  readonly key: string;
  readonly name: string;
  readonly note?: string;
  readonly icon: ReactNode;
  readonly run: () => void;
}

export interface Group {
  readonly key: "chains" | "pages" | "actions";
  readonly commands: readonly Command[];
}

/** What the palette offers for a text: chains by name from the server, pages and actions from here. */
export function useCommands(text: string): readonly Group[] {
  const wanted = text.trim().toLowerCase();
  const chains = useChains(useDeferredValue(text.trim()));
  const fits = (command: Command) => command.name.toLowerCase().includes(wanted);
  const groups: readonly Group[] = [
    { key: "pages", commands: usePages().filter(fits) },
    { key: "chains", commands: chains },
    { key: "actions", commands: useActions().filter(fits) },
  ];
  return groups.filter((group) => group.commands.length > 0);
}

function useChains(name: string): readonly Command[] {
  const navigate = useNavigate();
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ["palette", name],
    queryFn: async ({ signal }) => {
      const query = { page_size: 8, sort: "-updated_at", ...(name === "" ? {} : { name }) };
      return (await api.GET("/api/v1/chains/", { params: { query }, signal })).data;
    },
    placeholderData: keepPreviousData,
  });
  return (data?.items ?? []).map((chain) => ({
    key: chain.chain_id,
    name: chain.chain_name,
    note: t(`state.${chain.status}`),
    icon: <StateShape state={chain.status} />,
    run: () => void navigate(`/chains/${chain.chain_id}`),
  }));
}

function usePages(): readonly Command[] {
  const navigate = useNavigate();
  const { t } = useTranslation();
  const isAdmin = useMay("admin");
  return places
    .filter((place) => place.needs !== "admin" || isAdmin)
    .map((place) => ({
      key: place.key,
      name: t(`frame.nav.${place.key}`),
      icon: place.icon,
      run: () => void navigate(place.path),
    }));
}

function useActions(): readonly Command[] {
  const navigate = useNavigate();
  const { t } = useTranslation();
  const isDark = useDark();
  const isOperator = useMay("operator");
  const language = useChoices((choices) => choices.language);
  const create: Command = {
    key: "new",
    name: t("frame.palette.newChain"),
    icon: <PlusOutlined />,
    run: () => void navigate("/chains/new"),
  };
  return [
    ...(isOperator ? [create] : []),
    {
      key: "language",
      name: t("frame.palette.switchLanguage"),
      icon: <GlobalOutlined />,
      run: () => choose({ language: language === "en" ? "zh" : "en" }),
    },
    {
      key: "theme",
      name: t("frame.palette.switchTheme"),
      icon: <BulbOutlined />,
      run: () => choose({ theme: isDark ? "light" : "dark" }),
    },
    {
      key: "out",
      name: t("frame.signOut"),
      icon: <LogoutOutlined />,
      run: () => void signOut(),
    },
  ];
}
