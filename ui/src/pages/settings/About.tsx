import { useQuery } from "@tanstack/react-query";
import { Descriptions } from "antd";
import { useTranslation } from "react-i18next";

import { api } from "@/api/client";
import { useTaskTypes } from "@/api/types";
import { useFormat } from "@/parts/format";

/** Which version runs, and where its API is described. */
export function About() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data: types } = useTaskTypes();
  const { data: version } = useQuery({
    queryKey: ["version"],
    queryFn: async () => {
      const answered = await fetch("/api/v1/openapi.json");
      const document = (await answered.json()) as { info: { version: string } };
      return document.info.version;
    },
    staleTime: Infinity,
  });
  const { data: isReady, isError } = useQuery({
    queryKey: ["ready"],
    queryFn: async () => (await api.GET("/api/v1/readyz")).data!.is_ready,
    refetchInterval: 15_000,
  });
  return (
    <Descriptions
      column={1}
      bordered
      items={[
        { key: "version", label: t("settings.about.version"), children: version ?? "…" },
        {
          key: "ready",
          label: t("settings.about.ready"),
          children:
            isReady === undefined && !isError
              ? "…"
              : t(isReady ? "settings.about.isReady" : "settings.about.notReady"),
        },
        {
          key: "types",
          label: t("settings.about.types"),
          children: types === undefined ? "…" : format.count(types.length),
        },
        {
          key: "api",
          label: "API",
          children: (
            <>
              <a href="/docs">{t("settings.about.docs")}</a> ·{" "}
              <a href="/api/v1/openapi.json">openapi.json</a>
            </>
          ),
        },
        { key: "licence", label: t("settings.about.licence"), children: "Apache-2.0" },
      ]}
    />
  );
}
