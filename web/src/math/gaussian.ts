/**
 * Gaussians of independent dimensions, all in nats. Means and standard deviations are rows of L.
 */

import { LOG_SQRT_2PI, type Numbers } from './special';

/** A Gaussian of independent dimensions, N(mean, diag sd^2). */
export interface Diagonal {
  readonly mean: Numbers;
  readonly sd: Numbers;
}

/** log N(z; m, s^2) of one number: -(z - m)^2 / (2 s^2) - log s - log sqrt(2 pi). */
export function logNormal(z: number, mean = 0, sd = 1): number {
  const away = (z - mean) / sd;
  return -0.5 * away * away - Math.log(sd) - LOG_SQRT_2PI;
}

/** log N(z; mean, diag sd^2) = sum_d log N(z_d; mean_d, sd_d^2), of row `row` of z. */
export function logDensity(q: Diagonal, z: Numbers, row = 0): number {
  const dims = q.mean.length;
  let sum = 0;
  for (let d = 0; d < dims; d++) sum += logNormal(z[row * dims + d]!, q.mean[d]!, q.sd[d]!);
  return sum;
}

/** log N(z; 0, I) = -|z|^2 / 2 - L log sqrt(2 pi), of row `row` of z (n x L). */
export function logStandard(z: Numbers, dims = z.length, row = 0): number {
  let sum = 0;
  for (let d = 0; d < dims; d++) sum += z[row * dims + d]! ** 2;
  return -0.5 * sum - dims * LOG_SQRT_2PI;
}

/** Nats of each latent in KL(q || N(0, I)): (m^2 + s^2 - 1) / 2 - log s, (L). */
export function klToStandardEach(q: Diagonal): Float64Array {
  return Float64Array.from(
    { length: q.mean.length },
    (_, d) => 0.5 * (q.mean[d]! ** 2 + q.sd[d]! ** 2 - 1) - Math.log(q.sd[d]!),
  );
}

/** KL(q || N(0, I)) = sum_d (m_d^2 + s_d^2 - 1) / 2 - log s_d. */
export function klToStandard(q: Diagonal): number {
  return klToStandardEach(q).reduce((sum, each) => sum + each, 0);
}

/**
 * Nats of each dimension in KL(q || p): log(s_p/s_q) + (s_q^2 + (m_q - m_p)^2) / (2 s_p^2) - 1/2.
 */
export function klEach(q: Diagonal, p: Diagonal): Float64Array {
  return Float64Array.from({ length: q.mean.length }, (_, d) => {
    const [s, t] = [q.sd[d]!, p.sd[d]!];
    const away = q.mean[d]! - p.mean[d]!;
    return Math.log(t / s) + (s * s + away * away) / (2 * t * t) - 0.5;
  });
}

/** KL(q || p), the forward direction as the ELBO has it; `kl(p, q)` is the reverse. */
export function kl(q: Diagonal, p: Diagonal): number {
  return klEach(q, p).reduce((sum, each) => sum + each, 0);
}

/**
 * What KL(q || p) integrates over one number z: q(z) (log q(z) - log p(z)), nats per unit of z.
 */
export function klIntegrand(
  z: number,
  q: { mean: number; sd: number },
  p: { mean: number; sd: number } = { mean: 0, sd: 1 },
): number {
  const own = logNormal(z, q.mean, q.sd);
  return Math.exp(own) * (own - logNormal(z, p.mean, p.sd));
}

/** The entropy -E_q[log q] = sum_d log s_d + L (1/2 + log sqrt(2 pi)). */
export function entropy(q: Diagonal): number {
  let sum = 0;
  for (let d = 0; d < q.sd.length; d++) sum += Math.log(q.sd[d]!);
  return sum + q.sd.length * (0.5 + LOG_SQRT_2PI);
}

/** z_k = mean + sd * eps_k for rows of noise eps (K x L) of N(0, I): K draws of q, (K x L). */
export function reparameterize(q: Diagonal, eps: Numbers): Float64Array {
  const dims = q.mean.length;
  const z = new Float64Array(eps.length);
  for (let i = 0; i < z.length; i++) z[i] = q.mean[i % dims]! + q.sd[i % dims]! * eps[i]!;
  return z;
}
