/** The nonce of this answer's Content-Security-Policy: style elements made by script need it. */
export const nonce: string =
  document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
