/** Two discs whose areas and overlap are as the counts are. */
export interface Disc {
  readonly x: number;
  readonly y: number;
  readonly r: number;
}

/** The area that two discs have in common. */
export function overlap(r1: number, r2: number, apart: number): number {
  if (apart >= r1 + r2) return 0;
  if (apart <= Math.abs(r1 - r2)) return Math.PI * Math.min(r1, r2) ** 2;
  const a1 = Math.acos(clamp((apart ** 2 + r1 ** 2 - r2 ** 2) / (2 * apart * r1)));
  const a2 = Math.acos(clamp((apart ** 2 + r2 ** 2 - r1 ** 2) / (2 * apart * r2)));
  const triangles =
    Math.sqrt(
      Math.max(0, (-apart + r1 + r2) * (apart + r1 - r2) * (apart - r1 + r2) * (apart + r1 + r2)),
    ) / 2;
  return r1 ** 2 * a1 + r2 ** 2 * a2 - triangles;
}

/** How far apart the discs' middles are for that overlap, found by halving. */
export function distanceFor(r1: number, r2: number, area: number): number {
  let [near, far] = [Math.abs(r1 - r2), r1 + r2];
  if (area <= 0) return far;
  for (let step = 0; step < 50; step += 1) {
    const middle = (near + far) / 2;
    if (overlap(r1, r2, middle) > area) near = middle;
    else far = middle;
  }
  return (near + far) / 2;
}

/**
 * Discs for the sizes of two or three sets and what all have in common, the largest of radius 1.
 *
 * Two are to scale. Of three only what all share is known, so those are the same picture for any
 * counts: each as large as its set, and overlapping in the middle.
 */
export function discsOf(sizes: readonly number[], common: number): Disc[] {
  const most = Math.max(...sizes, 1);
  const radii = sizes.map((size) => Math.max(Math.sqrt(size / most), 0.12));
  const [first = 1, second = 1] = radii;
  if (sizes.length === 2) {
    const unit = Math.PI / most;
    const apart = distanceFor(first, second, Math.max(common, 0) * unit);
    return [
      { x: 0, y: 0, r: first },
      { x: apart, y: 0, r: second },
    ];
  }
  return radii.map((r, index) => {
    const angle = (-90 + (360 / sizes.length) * index) * (Math.PI / 180);
    return { x: 0.62 * Math.cos(angle), y: 0.62 * Math.sin(angle), r };
  });
}

/** The box around discs, with room at every side. */
export function boxOf(discs: readonly Disc[], room: number): [number, number, number, number] {
  const left = Math.min(...discs.map((disc) => disc.x - disc.r)) - room;
  const top = Math.min(...discs.map((disc) => disc.y - disc.r)) - room;
  const right = Math.max(...discs.map((disc) => disc.x + disc.r)) + room;
  const bottom = Math.max(...discs.map((disc) => disc.y + disc.r)) + room;
  return [left, top, right - left, bottom - top];
}

/** The middle of what all discs share. */
export function middleOf(discs: readonly Disc[]): { x: number; y: number } {
  const [first, second] = discs;
  if (discs.length === 2 && first && second) {
    const from = Math.max(second.x - second.r, first.x - first.r);
    const to = Math.min(first.x + first.r, second.x + second.r);
    return { x: (from + to) / 2, y: 0 };
  }
  return { x: 0, y: 0 };
}

function clamp(value: number): number {
  return Math.min(1, Math.max(-1, value));
}
