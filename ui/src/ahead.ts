import { askAhead, hasSignedIn } from "@/asked";
import { pageAt } from "@/pages";

/*
 * Runs by itself before the rest of the page has loaded: asks who is signed in and, where somebody
 * was the last time, what the page at this address shows first; and has its bundle sent, and
 * the words of its language.
 */
const here = new URL(window.location.href);
const page = pageAt(here);
if (!here.hash.startsWith("#sfwl_")) {
  askAhead("/api/v1/auth/session");
  if (hasSignedIn()) page?.asks?.(here).forEach(askAhead);
}
if (document.documentElement.lang === "zh-CN") import("@/words/zh").catch(() => undefined);
page?.load().catch(() => undefined); // the router tells of it
