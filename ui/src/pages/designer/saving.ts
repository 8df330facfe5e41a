import { api } from "@/api/client";
import { Problem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { components } from "@/api/schema";
import type { Chain } from "@/pages/designer/document/chain";

type Document = components["schemas"]["ChainDocument"];
export type VersionLine = components["schemas"]["VersionLine"];
export type Change = components["schemas"]["ChangeAnswer"];

/** A chain as it is stored: its newest version and what that says. */
export interface Stored {
  readonly chainId: string;
  readonly version: number;
  readonly chain: Chain;
}

/** Read a version of a chain; the newest where none is named. */
export async function readChain(chainId: string, version?: number): Promise<Stored> {
  const newest = version ?? (await versionsOf(chainId))[0]?.version ?? 1;
  const { data } = await api.GET("/api/v1/chains/{chain_id}/versions/{version}", {
    params: { path: { chain_id: chainId, version: newest } },
  });
  return { chainId, version: newest, chain: data as unknown as Chain };
}

export async function versionsOf(chainId: string): Promise<readonly VersionLine[]> {
  const params = { path: { chain_id: chainId } };
  return (await api.GET("/api/v1/chains/{chain_id}/versions", { params })).data!.items;
}

/** Keep a new chain. */
export async function createChain(chain: Chain): Promise<Stored> {
  const { data } = await api.POST("/api/v1/chains/", { body: chain as unknown as Document });
  void queries.invalidateQueries();
  return { chainId: data!.chain_id, version: data!.version, chain };
}

/** Keep a chain's next version; `onto` is the version that it changes. */
export async function saveChain(
  chainId: string,
  chain: Chain,
  onto: number,
  note: string,
): Promise<Stored> {
  const { data } = await api.PUT("/api/v1/chains/{chain_id}", {
    params: {
      path: { chain_id: chainId },
      header: { "If-Match": `"${onto}"` },
      query: note.trim() === "" ? {} : { note: note.trim() },
    },
    body: chain as unknown as Document,
  });
  void queries.invalidateQueries();
  return { chainId, version: data!.version, chain };
}

/** Begin a run of a chain's newest version. */
export async function runChain(chainId: string): Promise<void> {
  await api.POST("/api/v1/chains/{chain_id}/execute", { params: { path: { chain_id: chainId } } });
  void queries.invalidateQueries();
}

/** Whether somebody else saved a version meanwhile. */
export function isStale(error: unknown): boolean {
  return error instanceof Problem && error.code === "STALE_VERSION";
}
