/** How far the log of a mean of importance weights may be off. */

import type { Numbers } from './special';

/**
 * The standard error of log((1/K) sum w) to first order, sqrt(1/ESS - 1/K), nats; NaN of one weight.
 * It is itself far too small where the effective size is: what was not drawn is not in it.
 */
export const errorFrom = (effective: number, draws: number): number =>
  draws < 2 ? NaN : Math.sqrt(Math.max(1 / effective - 1 / draws, 0));

/** The same, of the log weights themselves. */
export function logMeanError(logWeight: Numbers): number {
  const n = logWeight.length;
  let [peak, sum, squares] = [-Infinity, 0, 0];
  for (let i = 0; i < n; i++) peak = Math.max(peak, logWeight[i]!);
  for (let i = 0; i < n; i++) {
    const weight = Math.exp(logWeight[i]! - peak);
    sum += weight;
    squares += weight * weight;
  }
  return errorFrom((sum * sum) / squares, n);
}
