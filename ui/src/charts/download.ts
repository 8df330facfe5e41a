import { save } from "@/parts/files";

/** As a table program opens it: UTF-8 with the mark by which it knows so. */
export function saveCsv(name: string, csv: string): void {
  save(name, new Blob(["\ufeff", csv], { type: "text/csv;charset=utf-8" }));
}

/** A file name of a title, of plain letters where it has some. */
export function fileName(title: string, ending: string): string {
  const plain = title.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^-+|-+$/g, "");
  return `${plain || "chart"}.${ending}`;
}
