/** How long a path is in x, and how fast x changes along it. */

import { pathLength } from '$math/paths';

export interface Lengths {
  /** Of the way through all decodes. */
  readonly x: number;
  /** From the first decode to the last. */
  readonly straight: number;
  /** From each decode to the next. */
  readonly each: readonly number[];
}

/** Measure decodes x (n, size) along a path, each column by its own scale where they have several. */
export function lengths(x: ArrayLike<number>, size: number, scale?: ArrayLike<number>): Lengths {
  const count = x.length / size;
  // A column that never varies has no scale, and counts for nothing.
  const own = Float64Array.from(x, (value, i) => (scale ? value / (scale[i % size] || Infinity) : value));
  const between = (from: number, to: number): number => {
    const ends = new Float64Array(2 * size);
    ends.set(own.subarray(from * size, (from + 1) * size));
    ends.set(own.subarray(to * size, (to + 1) * size), size);
    return pathLength(ends, size);
  };
  const each = Array.from({ length: count - 1 }, (_, i) => between(i, i + 1));
  return { x: pathLength(own, size), straight: between(0, count - 1), each };
}
