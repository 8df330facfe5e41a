import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { api } from "@/api/client";
import type { components } from "@/api/schema";

export type AuditRecord = components["schemas"]["RecordAnswer"];
export type Verdict = components["schemas"]["VerdictAnswer"];

const STEP = 100;
const MOST = 1000;

async function page(who: string, before: number | undefined, limit: number) {
  const query = {
    limit,
    ...(who === "" ? {} : { who }),
    ...(before === undefined ? {} : { before }),
  };
  return (await api.GET("/api/v1/audit", { params: { query } })).data!;
}

/** The records, newest first, page by page; `who` empty means everybody. */
export function useAudit(who: string) {
  return useInfiniteQuery({
    queryKey: ["audit", who],
    queryFn: ({ pageParam }) => page(who, pageParam, STEP),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => last.next_before ?? undefined,
  });
}

/** Every record that there is, for a file. */
export async function allRecords(who: string): Promise<AuditRecord[]> {
  const found: AuditRecord[] = [];
  let before: number | undefined;
  do {
    const { items, next_before: next } = await page(who, before, MOST);
    found.push(...items);
    before = next ?? undefined;
  } while (before !== undefined);
  return found.reverse();
}

/** Whether every record is there and unchanged; asked only when somebody wants to know. */
export function useVerdict(isWanted: boolean) {
  return useQuery({
    queryKey: ["audit-verdict"],
    queryFn: async () => (await api.GET("/api/v1/audit/verify")).data!,
    enabled: isWanted,
    staleTime: 0,
    gcTime: 0,
  });
}
