import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { useStory } from "./useStory";

/** The browser's stream of events, told by hand. */
class Stream extends EventTarget {
  static readonly CLOSED = 2;
  static all: Stream[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  isClosed = false;

  constructor(readonly url: string) {
    super();
    Stream.all.push(this);
  }

  close() {
    this.isClosed = true;
  }

  tell(id: number, status: string) {
    const data = JSON.stringify({
      at: `2026-01-01T00:00:0${id}.000Z`,
      run_id: "r-1",
      task_id: "lr",
      status,
    });
    this.dispatchEvent(new MessageEvent("task", { data, lastEventId: String(id) }));
  }
}

const newest = () => Stream.all.at(-1)!;

beforeEach(() => {
  Stream.all = [];
  vi.stubGlobal("EventSource", Stream);
});
afterEach(() => vi.unstubAllGlobals());

function follow(isGoingOn: boolean) {
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  );
  return renderHook(({ on }) => useStory("c-1", on), { wrapper, initialProps: { on: isGoingOn } });
}

it("is live once the stream is open, and says so when it breaks", () => {
  const { result } = follow(true);
  expect(result.current.liveness).toBe("loading");
  act(() => newest().onopen?.());
  expect(result.current.liveness).toBe("live");
  act(() => newest().onerror?.());
  expect(result.current.liveness).toBe("reconnecting");
  act(() => newest().onopen?.());
  expect(result.current.liveness).toBe("live");
});

it("takes what is told, and closes the stream with the page", async () => {
  const { result, unmount } = follow(true);
  act(() => {
    newest().tell(2, "SUCCESS");
    newest().tell(1, "RUNNING");
    newest().tell(2, "SUCCESS");
  });
  await waitFor(() =>
    expect(result.current.story.runs["r-1"]?.tasks.lr?.map((line) => line.id)).toEqual([1, 2]),
  );
  unmount();
  expect(newest().isClosed).toBe(true);
});

it("asks after what it has heard where the stream is refused", async () => {
  const asked = vi.fn<typeof fetch>(() => Promise.resolve(new Response("")));
  vi.stubGlobal("fetch", asked);
  const { result } = follow(true);
  act(() => newest().tell(7, "RUNNING"));
  act(() => {
    newest().readyState = Stream.CLOSED;
    newest().onerror?.();
  });
  expect(result.current.liveness).toBe("asking");
  await waitFor(() => expect(asked).toHaveBeenCalled());
  expect(asked.mock.calls[0]?.[0]).toBe("/api/v1/chains/c-1/events?follow=false&after=7");
});

it("reads once what has ended", async () => {
  const line = '{"at":"2026-01-01T00:00:01Z","run_id":"r-1","task_id":"lr","status":"SUCCESS"}';
  const text = `id: 3\nevent: task\ndata: ${line}\n\n`;
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(text)));
  const { result } = follow(false);
  await waitFor(() => expect(result.current.liveness).toBe("ended"));
  expect(result.current.story.lastId).toBe(3);
  expect(Stream.all).toEqual([]);
});
