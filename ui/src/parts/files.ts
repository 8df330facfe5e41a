/** Hand a file to the browser; it never leaves the page for another host. */
export function save(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1_000);
}

/** Give the person a file with a text. */
export function saveFile(name: string, text: string, kind = "text/plain"): void {
  save(name, new Blob([text], { type: kind }));
}
