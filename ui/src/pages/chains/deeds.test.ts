import { expect, it } from "vitest";

import { deedsOf } from "./deeds";

it("offers what the orchestrator would do, and nothing that it would refuse", () => {
  const after = (status: Parameters<typeof deedsOf>[0]["status"]) =>
    deedsOf({ status, celery_chain_id: "r-1" });
  expect(deedsOf({ status: "PENDING", celery_chain_id: null })).toEqual(["execute"]);
  expect(after("RUNNING")).toEqual(["pause", "cancel"]);
  expect(after("PAUSED")).toEqual(["resume", "cancel"]);
  expect(after("FAILURE")).toEqual(["retry", "execute"]);
  expect(after("CANCELLED")).toEqual(["retry", "execute"]);
  expect(after("SUCCESS")).toEqual(["execute"]);
});
