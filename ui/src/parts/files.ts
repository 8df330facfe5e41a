/** Give the person a file with a text. */
export function saveFile(name: string, text: string, kind = "text/plain"): void {
  const url = URL.createObjectURL(new Blob([text], { type: kind }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
