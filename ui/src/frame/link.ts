const LINK = /^#(sfwl_[\w-]+)$/;

/** Take a one-time link's secret out of the address, so that neither history nor a screen keeps it. */
export function takeLink(): string | undefined {
  const token = LINK.exec(window.location.hash)?.[1];
  if (token !== undefined) {
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
  }
  return token;
}
