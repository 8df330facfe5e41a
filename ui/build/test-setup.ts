import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

// What browsers have and jsdom has not.

globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

window.matchMedia ??= (media) =>
  Object.assign(new EventTarget(), {
    media,
    matches: false,
    onchange: null,
    addListener() {},
    removeListener() {},
  }) as MediaQueryList;

const later = globalThis.setTimeout;

// What a test has drawn goes with it. React ends its work in a later turn, when jsdom's window must
// still be there.
afterEach(async () => {
  cleanup();
  await new Promise((resolve) => later(resolve));
});
