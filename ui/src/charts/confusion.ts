import type { Chart, Figures } from "@/charts/document";

/** The counts at one threshold: who is taken for positive scores at or above it. */
export interface Confusion {
  readonly threshold: number;
  readonly tp: number;
  readonly fp: number;
  readonly tn: number;
  readonly fn: number;
}

export interface Rates {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly accuracy: number | null;
  readonly falsePositiveRate: number | null;
}

/**
 * The confusion at every threshold that a report lets us know, from the lowest up.
 *
 * The K-S curve has the share of each class at or above each score; with the classes' sizes, which
 * the table of a few thresholds gives, that is every confusion there is. Without the curve it is
 * the table alone; without the table nothing.
 */
export function confusionsOf(charts: readonly Chart[]): Confusion[] {
  const given = figures(charts);
  const first = given[0];
  if (!first) return [];
  const positives = first.tp + first.fn;
  const negatives = first.fp + first.tn;
  const ks = charts.find((chart) => chart.id === "ks" && chart.kind === "line");
  if (ks?.kind !== "line") return given;
  const [taken, mistaken] = ks.series;
  if (!taken || !mistaken || taken.x.length !== mistaken.x.length) return given;
  const curve = taken.x.flatMap((threshold, index) => {
    const [tpr, fpr] = [taken.y[index], mistaken.y[index]];
    if (typeof threshold !== "number" || typeof tpr !== "number" || typeof fpr !== "number") {
      return [];
    }
    const [tp, fp] = [Math.round(tpr * positives), Math.round(fpr * negatives)];
    return [{ threshold, tp, fp, fn: positives - tp, tn: negatives - fp }];
  });
  return [...curve, ...given].sort((a, b) => a.threshold - b.threshold).filter(isFirst);
}

/** The confusion that holds at a threshold: that of the next score at or above it. */
export function confusionAt(all: readonly Confusion[], threshold: number): Confusion | undefined {
  const found = all.find((each) => each.threshold >= threshold - 1e-12);
  if (found) return { ...found, threshold };
  const last = all.at(-1); // nobody scores so high
  return last && { threshold, tp: 0, fp: 0, fn: last.tp + last.fn, tn: last.fp + last.tn };
}

/** What follows from the counts; null where it would be a division by nothing. */
export function ratesOf({ tp, fp, tn, fn }: Confusion): Rates {
  return {
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
    accuracy: ratio(tp + tn, tp + fp + tn + fn),
    falsePositiveRate: ratio(fp, fp + tn),
  };
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function isFirst(each: Confusion, index: number, all: readonly Confusion[]): boolean {
  return each.threshold !== all[index - 1]?.threshold;
}

function figures(charts: readonly Chart[]): Confusion[] {
  const table = charts.find(
    (chart): chart is Figures => chart.id === "confusion" && chart.kind === "figures",
  );
  return (table?.values ?? []).flatMap(([threshold, tp, fp, tn, fn]) =>
    typeof threshold === "number" &&
    typeof tp === "number" &&
    typeof fp === "number" &&
    typeof tn === "number" &&
    typeof fn === "number"
      ? [{ threshold, tp, fp, tn, fn }]
      : [],
  );
}
