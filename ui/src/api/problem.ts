import type { components } from "@/api/schema";

type Body = components["schemas"]["Problem"];

/** An RFC 9457 answer as an error: what went wrong, where, and how to mend it. */
export class Problem extends Error {
  readonly status: number;
  readonly body: Body | undefined;

  constructor(status: number, body: Body | undefined) {
    super(body?.detail ?? `HTTP ${status}`);
    this.name = "Problem";
    this.status = status;
    this.body = body;
  }

  get code(): string {
    return this.body?.code ?? "INTERNAL_ERROR";
  }
}
