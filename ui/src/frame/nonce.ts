/** The nonce of this answer's Content-Security-Policy: style elements made by script need it. */
export const nonce: string =
  document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

/**
 * Give the nonce to each style element that a script of ours makes: some parts of Ant Design
 * measure by one and know of no nonce. Scripts of others do not run here at all.
 */
export function signStyles(): void {
  const create = document.createElement.bind(document);
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = create(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  }) as typeof document.createElement;
}
