import createClient, { type Middleware } from "openapi-fetch";

import { Problem } from "@/api/problem";
import type { paths } from "@/api/schema";

let csrf: string | undefined;

/** Keep the session's CSRF token; it goes with every call that changes something. */
export function rememberCsrf(token: string | null | undefined): void {
  csrf = token ?? undefined;
}

const safe = new Set(["GET", "HEAD"]);

const guard: Middleware = {
  onRequest({ request }) {
    if (csrf !== undefined && !safe.has(request.method)) {
      request.headers.set("X-CSRF-Token", csrf);
    }
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) return response;
    const isJson = response.headers.get("content-type")?.includes("json");
    throw new Problem(response.status, isJson ? await response.json() : undefined);
  },
};

/** The API, typed by its OpenAPI document. Every answer that is not a success throws a `Problem`. */
export const api = createClient<paths>({ baseUrl: "", credentials: "same-origin" });
api.use(guard);
