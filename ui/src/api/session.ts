import { create } from "zustand";

import { api, onSignedOut, rememberCsrf } from "@/api/client";
import { Problem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { components } from "@/api/schema";
import { rememberSignedIn } from "@/asked";

export type Me = components["schemas"]["Me"];
export type Role = components["schemas"]["Role"];

interface Session {
  /** Undefined: not asked yet. Null: nobody. */
  readonly me: Me | null | undefined;
  /** It ended while the page was open: the page stays, below the question to sign in again. */
  readonly hasEnded: boolean;
  /** They came by a one-time link, and have no password that they know of. */
  readonly needsPassword: boolean;
  /** Why nobody could be asked. */
  readonly fault: unknown;
}

/** Who is signed in. */
export const useSession = create<Session>(() => ({
  me: undefined,
  hasEnded: false,
  needsPassword: false,
  fault: undefined,
}));

onSignedOut(() => {
  rememberSignedIn(false);
  const { me } = useSession.getState();
  if (me) useSession.setState({ hasEnded: true });
  else useSession.setState({ me: null });
});

function begin(me: Me, needsPassword = false): void {
  const before = useSession.getState().me;
  rememberCsrf(me.csrf_token);
  rememberSignedIn(true);
  if (before && before.name !== me.name) queries.clear(); // another person sees other things
  useSession.setState({ me, hasEnded: false, needsPassword, fault: undefined });
  void queries.invalidateQueries();
}

/** Ask who is signed in, as a page does that has just been loaded. */
export async function restoreSession(): Promise<void> {
  try {
    const { data } = await api.GET("/api/v1/auth/session");
    if (data) begin(data);
  } catch (fault) {
    if (fault instanceof Problem && fault.status === 401) useSession.setState({ me: null });
    else useSession.setState({ fault });
  }
}

/** Sign in with name and password. */
export async function signIn(name: string, password: string): Promise<void> {
  const { data } = await api.POST("/api/v1/auth/login", { body: { name, password } });
  if (data) begin(data);
}

/** Sign in by a one-time link, which is used up by it. */
export async function signInByLink(token: string): Promise<void> {
  const { data } = await api.POST("/api/v1/auth/link", { body: { token } });
  if (data) begin(data, true);
}

/** A new password, and the one there is where the session alone does not do. */
export interface NewPassword {
  readonly password: string;
  readonly current?: string;
}

/** Set the password of who is signed in; their other sessions end. */
export async function setPassword(given: NewPassword): Promise<void> {
  await api.POST("/api/v1/auth/password", { body: given });
  useSession.setState(({ me }) => ({
    needsPassword: false,
    me: me && { ...me, password_is_asked: true },
  }));
}

/** End the session. */
export async function signOut(): Promise<void> {
  try {
    await api.POST("/api/v1/auth/logout");
  } finally {
    rememberCsrf(undefined);
    rememberSignedIn(false);
    queries.clear();
    useSession.setState({ me: null, hasEnded: false, needsPassword: false });
  }
}

const rank: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };

/** Whether who is signed in has this role or more; the server decides again. */
export function useMay(role: Role): boolean {
  return useSession(({ me }) => (me ? rank[me.role] >= rank[role] : false));
}
