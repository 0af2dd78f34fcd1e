/**
 * Two gradients of E_q[f(z)] for q = N(mu, sigma^2) of one latent: through the draw, and through
 * log q.
 *
 * The pathwise one moves z = mu + sigma eps with q, the score function's weighs f by how log q
 * moves: both have the same mean, and the ratio of their variances says why VAEs reparameterize.
 */

/** Gradients in mu and in sigma, one for each draw. */
export interface Draws {
  readonly mu: Float64Array;
  readonly sigma: Float64Array;
}

/** Mean and variance of the gradient of one draw. */
export interface Spread {
  readonly mean: number;
  readonly variance: number;
  /** Standard error of the mean. */
  readonly error: number;
}

/** f'(z) by central differences, where no derivative is at hand. */
export function derivative(f: (z: number) => number, distance = 1e-5): (z: number) => number {
  return (z) => (f(z + distance) - f(z - distance)) / (2 * distance);
}

/** d f(mu + sigma eps) / d (mu, sigma) = f'(z) (1, eps) for each eps of N(0, 1). */
export function pathwise(
  slope: (z: number) => number,
  mu: number,
  sigma: number,
  eps: Float64Array,
): Draws {
  const along = eps.map((e) => slope(mu + sigma * e));
  return { mu: along, sigma: along.map((s, k) => s * eps[k]!) };
}

/**
 * (f(z) - b) d log q(z) / d (mu, sigma) = (f(z) - b) (eps / sigma, (eps^2 - 1) / sigma) for each
 * eps.
 *
 * @param baseline Whether b is the mean of f over the other draws, which changes no mean.
 */
export function score(
  f: (z: number) => number,
  mu: number,
  sigma: number,
  eps: Float64Array,
  baseline = false,
): Draws {
  const values = eps.map((e) => f(mu + sigma * e));
  const total = values.reduce((sum, v) => sum + v, 0);
  const less = values.map((v) => (baseline ? v - (total - v) / (values.length - 1) : v));
  return {
    mu: less.map((v, k) => (v * eps[k]!) / sigma),
    sigma: less.map((v, k) => (v * (eps[k]! ** 2 - 1)) / sigma),
  };
}

/** Mean and variance of the gradients of single draws. */
export function spread(each: Float64Array): Spread {
  const n = each.length;
  const mean = each.reduce((sum, v) => sum + v, 0) / n;
  const variance = each.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1);
  return { mean, variance, error: Math.sqrt(variance / n) };
}

/**
 * How many times more draws the score function needs for the same error: var(score) / var(path).
 */
export function varianceRatio(scores: Draws, paths: Draws): { mu: number; sigma: number } {
  return {
    mu: spread(scores.mu).variance / spread(paths.mu).variance,
    sigma: spread(scores.sigma).variance / spread(paths.sigma).variance,
  };
}
