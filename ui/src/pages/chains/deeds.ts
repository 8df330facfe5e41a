import type { ChainLine } from "@/api/chains";
import type { Deed } from "@/api/runs";

/** What can be done to a chain's run as it stands, the likeliest first. */
export function deedsOf(chain: Pick<ChainLine, "status" | "celery_chain_id">): readonly Deed[] {
  if (chain.celery_chain_id === null) return ["execute"];
  switch (chain.status) {
    case "RUNNING":
      return ["pause", "cancel"];
    case "PAUSED":
      return ["resume", "cancel"];
    case "PENDING":
      return ["cancel"];
    case "FAILURE":
    case "CANCELLED":
      return ["retry", "execute"];
    case "SUCCESS":
      return ["execute"];
  }
}
