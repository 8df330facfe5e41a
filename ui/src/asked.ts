/** So long an early answer is news. */
const FRESH_MS = 5_000;
const KEY = "sfw.signed-in";

interface Asked {
  readonly at: number;
  readonly answer: Promise<Response>;
}

const asked = new Map<string, Asked>();

/** Ask a question of which the answer will be wanted soon. */
export function askAhead(path: string): void {
  const answer = fetch(path, { credentials: "same-origin" });
  answer.catch(() => undefined); // who takes the answer is told, and nobody may
  asked.set(keyOf(path), { at: performance.now(), answer });
}

/** Take the answer to a question that was asked ahead; it is given once. */
export function takeAnswer({ method, url }: Request): Promise<Response> | undefined {
  if (asked.size === 0 || method !== "GET") return undefined;
  const key = keyOf(url);
  const found = asked.get(key);
  asked.delete(key);
  return found && performance.now() - found.at < FRESH_MS ? found.answer : undefined;
}

/** Two ways to write the same address are the same. */
function keyOf(address: string): string {
  const { pathname, searchParams } = new URL(address, window.location.origin);
  return `${pathname}?${searchParams}`;
}

/** Whether this browser was signed in when last seen; the server alone knows whether it still is. */
export function hasSignedIn(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false; // storage is closed to us
  }
}

/** Remember whether somebody is signed in, for the next time that the page is loaded. */
export function rememberSignedIn(isSignedIn: boolean): void {
  if (!isSignedIn) asked.clear(); // the next person may see other things
  try {
    if (isSignedIn) localStorage.setItem(KEY, "yes");
    else localStorage.removeItem(KEY);
  } catch {
    // The next page asks a little later.
  }
}
