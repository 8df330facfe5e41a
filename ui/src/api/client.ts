import createClient, { type Middleware } from "openapi-fetch";

import { Problem } from "@/api/problem";
import type { paths } from "@/api/schema";
import { takeAnswer } from "@/asked";

let csrf: string | undefined;
let whenSignedOut: () => void = () => undefined;

/** Keep the session's CSRF token; it goes with every call that changes something. */
export function rememberCsrf(token: string | null | undefined): void {
  csrf = token ?? undefined;
}

/** Say what happens when an answer tells that nobody is signed in any more. */
export function onSignedOut(listener: () => void): void {
  whenSignedOut = listener;
}

const safe = new Set(["GET", "HEAD"]);

const guard: Middleware = {
  onRequest({ request }) {
    if (csrf !== undefined && !safe.has(request.method)) {
      request.headers.set("X-CSRF-Token", csrf);
    }
    return request;
  },
  async onResponse({ request, response }) {
    if (response.ok) return response;
    // A wrong password is answered with 401 too, and ends nothing.
    if (response.status === 401 && !/\/auth\/(login|link)$/.test(new URL(request.url).pathname)) {
      whenSignedOut();
    }
    const isJson = response.headers.get("content-type")?.includes("json");
    throw new Problem(response.status, isJson ? await response.json() : undefined);
  },
};

/** The API, typed by its OpenAPI document. Every answer that is not a success throws a `Problem`. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: "same-origin",
  // The fetch of the moment of the call: tests have their own.
  fetch: (request) => takeAnswer(request) ?? fetch(request),
});
api.use(guard);
