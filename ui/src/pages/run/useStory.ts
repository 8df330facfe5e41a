import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { refresh } from "@/api/runs";

import { emptyStory, hear, lineOf, linesOf, type Line, type Story } from "./model/story";

/** How the page hears of what happens. */
export type Liveness = "loading" | "live" | "reconnecting" | "asking" | "ended";

const TOGETHER_MS = 60;
const AGAIN_MS = 10_000;
const KINDS = ["chain", "task", "party", "reuse"] as const;

/**
 * Follow a chain's history: all of it so far, and while `isGoingOn` what happens then.
 *
 * The browser resumes a stream that broke after the last event it saw. Where the stream is refused
 * (too many watch, a proxy cuts it) the page asks for new lines now and then, and tries again.
 */
export function useStory(
  chainId: string,
  isGoingOn: boolean | undefined,
): { story: Story; liveness: Liveness } {
  const queries = useQueryClient();
  const [of, setOf] = useState(chainId);
  const [story, setStory] = useState<Story>(emptyStory);
  const [liveness, setLiveness] = useState<Liveness>("loading");
  if (of !== chainId) {
    setOf(chainId);
    setStory(emptyStory);
  }

  useEffect(() => {
    if (isGoingOn === undefined) return undefined;
    const followed = isGoingOn
      ? watch(chainId, take, setLiveness)
      : read(chainId, 0, take, () => setLiveness("ended"));
    let isOver = false;
    function take(lines: readonly Line[]) {
      if (isOver) return;
      setStory((before) => hear(before, lines));
      if (isGoingOn && lines.some(isEnd)) void refresh(queries, chainId);
    }
    return () => {
      isOver = true;
      followed();
    };
  }, [chainId, isGoingOn, queries]);

  return { story, liveness };
}

/** Whether there is more to ask for than what the line itself tells. */
function isEnd(line: Line): boolean {
  return line.kind === "chain" || (line.kind === "task" && line.status !== "RUNNING");
}

type Take = (lines: readonly Line[]) => void;

function watch(chainId: string, take: Take, say: (liveness: Liveness) => void): () => void {
  let lastId = 0;
  let held: Line[] = [];
  let release: ReturnType<typeof setTimeout> | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let stop = () => {};
  let source: EventSource | undefined;

  function hold(event: MessageEvent<string>) {
    const line = lineOf(event.type, event.lastEventId, event.data);
    lastId = Math.max(lastId, Number(event.lastEventId) || 0);
    if (line) held.push(line);
    release ??= setTimeout(() => {
      release = undefined;
      const lines = held;
      held = [];
      take(lines);
    }, TOGETHER_MS);
  }

  function open() {
    source = new EventSource(`${placeOf(chainId)}?after=${lastId}`);
    source.onopen = () => say("live");
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) {
        say("reconnecting");
        return;
      }
      say("asking");
      stop = read(chainId, lastId, take, () => undefined);
      again = setTimeout(open, AGAIN_MS);
    };
    for (const kind of KINDS) source.addEventListener(kind, hold);
  }

  open();
  return () => {
    clearTimeout(release);
    clearTimeout(again);
    source?.close();
    stop();
  };
}

/** Ask once for the lines after one, and take them. */
function read(chainId: string, after: number, take: Take, done: () => void): () => void {
  const asked = new AbortController();
  fetch(`${placeOf(chainId)}?follow=false&after=${after}`, { signal: asked.signal })
    .then((answer) => (answer.ok ? answer.text() : ""))
    .then((text) => {
      take(linesOf(text));
      done();
    })
    .catch(() => undefined); // it was called off, or the network is away: the chain's query tells
  return () => asked.abort();
}

function placeOf(chainId: string): string {
  return `/api/v1/chains/${encodeURIComponent(chainId)}/events`;
}
