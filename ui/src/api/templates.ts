import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { api } from "@/api/client";
import type { components } from "@/api/schema";

export type Template = components["schemas"]["Template"];
export type TemplateLine = components["schemas"]["TemplateLine"];
export type Parameter = components["schemas"]["Parameter"];
export type Values = Record<string, unknown>;

export const TEMPLATES_KEY = "templates";
/** Those that come with the package; they cannot be deleted. */
export const BUILT_IN = ["psi", "credit_scoring", "model_comparison", "feature_screening"];
/** The template that `sfw demo` saves; its tables lie under the data root. */
export const DEMO = "german_credit";

/** Every template: those of the package, then the saved ones. */
export function useTemplates(): UseQueryResult<readonly TemplateLine[]> {
  return useQuery({
    queryKey: [TEMPLATES_KEY],
    queryFn: async () => (await api.GET("/api/v1/templates")).data!.items,
    staleTime: 30_000,
  });
}

/** One template with its parameters and its document. */
export function useTemplate(name: string | undefined): UseQueryResult<Template> {
  return useQuery({
    queryKey: [TEMPLATES_KEY, name],
    queryFn: async () => {
      const params = { path: { name: name! } };
      return (await api.GET("/api/v1/templates/{name}", { params })).data!;
    },
    enabled: name !== undefined,
    staleTime: 30_000,
  });
}

/** Keep a new chain, made of a template and values; returns its id. */
export async function createFromTemplate(name: string, values: Values): Promise<string> {
  const { data } = await api.POST("/api/v1/templates/{name}/chains", {
    params: { path: { name } },
    body: values,
  });
  return data!.chain_id;
}

/** Keep a new template. */
export async function saveTemplate(template: unknown): Promise<void> {
  await api.POST("/api/v1/templates", { body: template as Template });
}

/** Delete a saved template; chains that were made of it stay. */
export async function deleteTemplate(name: string): Promise<void> {
  await api.DELETE("/api/v1/templates/{name}", { params: { path: { name } } });
}
