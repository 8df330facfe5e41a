import type { Table } from "@/charts/table";
import { numberOf, recordOf, wordOf } from "@/pages/run/outcome";

/** What an intersection found. */
export interface Intersected {
  readonly parties: readonly { readonly party: string; readonly rows: number }[];
  /** Undefined where nobody who was asked learns it. */
  readonly common: number | undefined;
}

/** Read a result as that of an intersection; undefined where it is none. -1 stands for untold. */
export function intersectionOf(result: unknown): Intersected | undefined {
  const found = recordOf(result);
  if (!("intersection_count" in found) || !Array.isArray(found.reports)) return undefined;
  const reports = (found.reports as unknown[]).map(recordOf);
  const parties = reports.flatMap((report) => {
    const rows = numberOf(report.original_count);
    return rows === undefined || rows < 0 ? [] : [{ party: wordOf(report.party), rows }];
  });
  const counts = [found.intersection_count, ...reports.map((each) => each.intersection_count)];
  return {
    parties,
    common: counts.map(numberOf).find((count) => count !== undefined && count >= 0),
  };
}

/** The parties' rows and how many of them matched, for the table and the file beside the discs. */
export function tableOf(
  { parties, common }: Intersected,
  say: Readonly<Record<"party" | "rows" | "common" | "share", string>>,
): Table {
  return {
    columns: [say.party, say.rows, say.common, say.share],
    rows: parties.map(({ party, rows }) => [
      party,
      rows,
      common ?? null,
      common === undefined || rows === 0 ? null : common / rows,
    ]),
  };
}
