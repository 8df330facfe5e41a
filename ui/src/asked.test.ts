import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { api } from "@/api/client";
import { askAhead, hasSignedIn, rememberSignedIn } from "@/asked";
import { pageAt } from "@/pages";
import { queryOf, readView } from "@/pages/chains/view";

let asked: string[];

beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", async (address: Request | string) => {
    asked.push(typeof address === "string" ? address : "again");
    return new Response('{"items":[]}', { headers: { "Content-Type": "application/json" } });
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const at = (address: string) => new URL(address, "http://sfw");

it.each([
  ["/", "chains"],
  ["/chains/", "chains"],
  ["/chains/new", "chains/new"],
  ["/chains/c-1", "chains/:chainId"],
  ["/chains/c-1/edit", "chains/:chainId/edit"],
  ["/chains/c-1/results", "chains/:chainId/results/:taskId?"],
  ["/chains/c-1/results/psi", "chains/:chainId/results/:taskId?"],
  ["/settings/tokens", "settings/:part?"],
  ["/nothing", undefined],
])("knows the page at %s", (address, path) => {
  expect(pageAt(at(address))?.path).toBe(path);
});

it.each(["/chains", "/chains?name=a+b&status=SUCCESS&sort=chain_name&page=2"])(
  "asks for the list at %s as the list itself does",
  async (address) => {
    const here = at(address);
    pageAt(here)?.asks?.(here).forEach(askAhead);
    expect(asked).toHaveLength(1);
    const query = queryOf(readView(here.searchParams));
    const { data } = await api.GET("/api/v1/chains/", { params: { query } });
    expect(data).toEqual({ items: [] });
    expect(asked).toHaveLength(1);
  },
);

it("gives an answer once, and only while it is news", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  askAhead("/api/v1/tasks");
  await api.GET("/api/v1/tasks");
  expect(asked).toEqual(["/api/v1/tasks"]);
  await api.GET("/api/v1/tasks");
  expect(asked).toEqual(["/api/v1/tasks", "again"]);
  askAhead("/api/v1/tasks");
  vi.advanceTimersByTime(5_001);
  await api.GET("/api/v1/tasks");
  expect(asked).toHaveLength(4);
});

it("remembers who was signed in for the next time", () => {
  expect(hasSignedIn()).toBe(false);
  rememberSignedIn(true);
  expect(hasSignedIn()).toBe(true);
  rememberSignedIn(false);
  expect(hasSignedIn()).toBe(false);
});
