/** Hand a file to the browser; it never leaves the page for another host. */
export function save(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1_000);
}

/** As a table program opens it: UTF-8 with the mark by which it knows so. */
export function saveCsv(name: string, csv: string): void {
  save(name, new Blob(["\ufeff", csv], { type: "text/csv;charset=utf-8" }));
}

/** A file name of a title, of plain letters where it has some. */
export function fileName(title: string, ending: string): string {
  const plain = title.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^-+|-+$/g, "");
  return `${plain || "chart"}.${ending}`;
}
