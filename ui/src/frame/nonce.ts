/** The nonce of this answer's Content-Security-Policy: style elements made by script need it. */
export const nonce: string =
  document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

/**
 * Let what our own scripts style pass the policy, as parts of Ant Design know nothing of it: they
 * measure scrollbars by a style element, and text fields by a style attribute. Scripts of others
 * do not run here at all, and markup with styles stays refused.
 */
export function passPolicy(): void {
  const create = document.createElement.bind(document);
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = create(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  }) as typeof document.createElement;

  const set = HTMLTextAreaElement.prototype.setAttribute;
  HTMLTextAreaElement.prototype.setAttribute = function (name: string, value: string) {
    if (name === "style") this.style.cssText = value;
    else set.call(this, name, value);
  };
}
