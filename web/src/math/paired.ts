/** Two models over the same examples: the mean of their difference, and how well it is known. */

import type { Rng } from './rng';
import type { Numbers } from './special';
import { mean, quantile, sorted, variance } from './stats';

export interface Paired {
  /** How many pairs there are, those left out that have no number. */
  readonly n: number;
  /** mean(b - a). */
  readonly mean: number;
  /** sd(b - a) / sqrt(n), its standard error; NaN of one pair. */
  readonly error: number;
}

/** b - a of every pair (n); NaN where either has no number. */
export function differences(a: Numbers, b: Numbers): Float64Array {
  if (a.length !== b.length) {
    throw new RangeError(`${a.length} and ${b.length} numbers are not of the same examples.`);
  }
  return Float64Array.from({ length: a.length }, (_, i) => b[i]! - a[i]!);
}

/** The mean of differences with its error: what both models find hard alike has no part in it. */
export function paired(differences: Numbers): Paired {
  const known = Float64Array.from(differences).filter((value) => value === value);
  const n = known.length;
  return {
    n,
    mean: n ? mean(known) : NaN,
    error: n > 1 ? Math.sqrt(variance(known, 1) / n) : NaN,
  };
}

/** A page is left to itself at least this often, in milliseconds. */
const BREATH = 12;

/**
 * The interval that holds a share of the means of resamples (Efron, 1979; percentiles), of several
 * columns whose rows are drawn together.
 *
 * @param columns Numbers of the same rows, (n) each.
 * @param share Of the resamples; 0.95 where not given.
 */
export async function bootstrap(
  columns: readonly Numbers[],
  rng: Rng,
  { resamples = 1000, share = 0.95, signal }: { resamples?: number; share?: number; signal?: AbortSignal } = {},
): Promise<(readonly [low: number, high: number])[]> {
  const n = columns[0]?.length ?? 0;
  const means = columns.map(() => new Float64Array(resamples));
  let rested = Date.now();
  for (let r = 0; r < resamples; r++) {
    for (let i = 0; i < n; i++) {
      const row = rng.integer(n);
      for (let k = 0; k < columns.length; k++) means[k]![r]! += columns[k]![row]! / n;
    }
    if (Date.now() - rested < BREATH) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    signal?.throwIfAborted();
    rested = Date.now();
  }
  return means.map((of) => {
    const rising = sorted(of);
    return [quantile(rising, (1 - share) / 2), quantile(rising, (1 + share) / 2)] as const;
  });
}
