import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { api } from "@/api/client";
import type { components } from "@/api/schema";
import type { Role } from "@/api/session";

export type User = components["schemas"]["UserAnswer"];
export type Token = components["schemas"]["TokenAnswer"];
export type NewToken = components["schemas"]["NewToken"];
export type Link = components["schemas"]["LinkAnswer"];

export const USERS_KEY = "users";
export const TOKENS_KEY = "tokens";
export const ROLES: readonly Role[] = ["viewer", "operator", "admin"];

/** The users by name, for admins. */
export function useUsers(): UseQueryResult<readonly User[]> {
  return useQuery({
    queryKey: [USERS_KEY],
    queryFn: async () => (await api.GET("/api/v1/users")).data!.items,
  });
}

/** Make a user; the answer holds the one-time link by which they come in. */
export async function createUser(name: string, role: Role): Promise<Link> {
  return (await api.POST("/api/v1/users", { body: { name, role } })).data!;
}

/** Give a user another role, disable them, or let them in again. */
export async function changeUser(
  name: string,
  change: { role?: Role; disabled?: boolean },
): Promise<void> {
  await api.PATCH("/api/v1/users/{name}", { params: { path: { name } }, body: change });
}

/** Make a new one-time link for a user who cannot sign in. */
export async function makeLink(name: string): Promise<Link> {
  return (await api.POST("/api/v1/users/{name}/link", { params: { path: { name } } })).data!;
}

/** The API tokens of who is signed in; of everybody, for admins who ask. */
export function useTokens(everybody: boolean): UseQueryResult<readonly Token[]> {
  return useQuery({
    queryKey: [TOKENS_KEY, everybody],
    queryFn: async () => {
      return (await api.GET("/api/v1/tokens", { params: { query: { everybody } } })).data!.items;
    },
  });
}

/** Make a token; the answer alone holds it. */
export async function createToken(body: NewToken): Promise<string> {
  return (await api.POST("/api/v1/tokens", { body })).data!.token;
}

/** Make a token useless, for good. */
export async function revokeToken(tokenId: string): Promise<void> {
  await api.DELETE("/api/v1/tokens/{token_id}", { params: { path: { token_id: tokenId } } });
}
