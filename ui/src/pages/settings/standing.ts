import type { Token } from "@/api/people";

/** Whether a token still lets anybody in, and if not, why. */
export function standingOf(
  token: Pick<Token, "expires_at" | "revoked_at">,
  now: number,
): "good" | "expired" | "revoked" {
  if (token.revoked_at !== null) return "revoked";
  const isOver = token.expires_at !== null && new Date(token.expires_at).getTime() <= now;
  return isOver ? "expired" : "good";
}
