import { expect, it } from "vitest";

import { standingOf } from "./standing";

const now = Date.parse("2025-06-01T12:00:00Z");

it("says why a token lets nobody in", () => {
  const before = "2025-06-01T11:59:59Z";
  const after = "2025-06-01T12:00:01Z";
  expect(standingOf({ expires_at: null, revoked_at: null }, now)).toBe("good");
  expect(standingOf({ expires_at: after, revoked_at: null }, now)).toBe("good");
  expect(standingOf({ expires_at: before, revoked_at: null }, now)).toBe("expired");
  expect(standingOf({ expires_at: before, revoked_at: before }, now)).toBe("revoked");
});
