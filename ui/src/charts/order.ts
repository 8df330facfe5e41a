import type { HeatMap } from "@/charts/document";

/**
 * Bring what moves together side by side: names in the order in which they merge into clusters.
 *
 * Average linkage over the distance 1 - |r|, as for a correlation's sign it is the strength that
 * counts; of two clusters that merge, the one with the earlier first name stays in front.
 */
export function clusterOrder(values: readonly (readonly (number | null)[])[]): number[] {
  let clusters = values.map((_, index) => [index]);
  const distance = (a: number, b: number) => 1 - Math.abs(values[a]?.[b] ?? 0);
  while (clusters.length > 1) {
    let best = { at: 0, with: 1, far: Infinity };
    for (let i = 0; i < clusters.length; i += 1) {
      for (let j = i + 1; j < clusters.length; j += 1) {
        const far = meanDistance(clusters[i]!, clusters[j]!, distance);
        if (far < best.far - 1e-12) best = { at: i, with: j, far };
      }
    }
    const merged = joined(clusters[best.at]!, clusters[best.with]!, distance);
    clusters = clusters.filter((_, index) => index !== best.with);
    clusters[best.at] = merged;
  }
  return clusters[0] ?? [];
}

/** A square matrix in the order of its clusters; any other, and a large one, as it is. */
export function ordered(map: HeatMap, most = 300): HeatMap {
  const isSquare =
    map.rows.length === map.columns.length &&
    map.rows.every((name, index) => name === map.columns[index]);
  if (!isSquare || map.rows.length > most) return map;
  const order = clusterOrder(map.values);
  const names = order.map((index) => map.rows[index] ?? "");
  return {
    ...map,
    rows: names,
    columns: names,
    values: order.map((row) => order.map((column) => map.values[row]?.[column] ?? null)),
  };
}

type Distance = (a: number, b: number) => number;

function meanDistance(left: number[], right: number[], distance: Distance): number {
  let sum = 0;
  for (const a of left) for (const b of right) sum += distance(a, b);
  return sum / (left.length * right.length);
}

/** Join two clusters by their closest ends. */
function joined(left: number[], right: number[], distance: Distance): number[] {
  const ends: [number, number[]][] = [
    [distance(left.at(-1)!, right[0]!), [...left, ...right]],
    [distance(left.at(-1)!, right.at(-1)!), [...left, ...right.toReversed()]],
    [distance(left[0]!, right[0]!), [...left.toReversed(), ...right]],
    [distance(left[0]!, right.at(-1)!), [...right, ...left]],
  ];
  return ends.reduce((best, next) => (next[0] < best[0] - 1e-12 ? next : best))[1];
}
