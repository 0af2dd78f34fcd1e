/** How far the log of a mean of importance weights may be off. */

/**
 * The standard error of log((1/K) sum w) to first order, sqrt(1/ESS - 1/K), nats; NaN of one weight.
 * It is itself far too small where the effective size is: what was not drawn is not in it.
 */
export const errorFrom = (effective: number, draws: number): number =>
  draws < 2 ? NaN : Math.sqrt(Math.max(1 / effective - 1 / draws, 0));
