/** log p(x|z) along one latent through a point, tabulated once and a smooth function from then on. */

import { evaluate, type LogLikelihood } from '$math/evaluate';

export interface Slice {
  readonly low: number;
  readonly high: number;
  /** At evenly spaced places, both ends included. */
  readonly values: Float64Array;
}

/** Tabulate f at n places of latent d from low to high, the other latents those of `through`. */
export async function sliced(
  f: LogLikelihood,
  through: ArrayLike<number>,
  d: number,
  [low, high]: readonly [number, number],
  n: number,
  signal: AbortSignal,
): Promise<Slice> {
  const dims = through.length;
  const z = Float64Array.from({ length: n * dims }, (_, i) =>
    i % dims === d ? low + ((high - low) * Math.floor(i / dims)) / (n - 1) : through[i % dims]!,
  );
  return { low, high, values: await evaluate(f, z, dims, { signal }) };
}

/**
 * The slice and its derivative as functions: cubic between the places (Catmull and Rom), the
 * derivative its own, and straight lines beyond.
 */
export function smooth({ low, high, values }: Slice): {
  f: (z: number) => number;
  slope: (z: number) => number;
} {
  const n = values.length;
  const step = (high - low) / (n - 1);
  const node = (i: number): number => {
    if (i < 0) return 2 * values[0]! - values[1]!;
    return i >= n ? 2 * values[n - 1]! - values[n - 2]! : values[i]!;
  };
  const place = (z: number): [number, number] => {
    const i = Math.min(n - 2, Math.max(0, Math.floor((z - low) / step)));
    return [i, (z - low) / step - i];
  };
  const parts = (i: number): [number, number, number, number] => {
    const [a, b, c, d] = [node(i - 1), node(i), node(i + 1), node(i + 2)];
    return [b, (c - a) / 2, a - 2.5 * b + 2 * c - d / 2, (d - a) / 2 + 1.5 * (b - c)];
  };
  return {
    f: (z) => {
      const [i, t] = place(z);
      const [c0, c1, c2, c3] = parts(i);
      if (t < 0) return c0 + c1 * t;
      if (t > 1) return node(n - 1) + ((node(n) - node(n - 2)) / 2) * (t - 1);
      return c0 + t * (c1 + t * (c2 + t * c3));
    },
    slope: (z) => {
      const [i, t] = place(z);
      const [, c1, c2, c3] = parts(i);
      if (t < 0) return c1 / step;
      if (t > 1) return (node(n) - node(n - 2)) / 2 / step;
      return (c1 + t * (2 * c2 + 3 * t * c3)) / step;
    },
  };
}
