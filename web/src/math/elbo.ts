/** The ELBO of one x and its parts, the gap to log p(x), and the numbers of both derivations. */

import { evaluate, type LogLikelihood, type Work } from './evaluate';
import { importance } from './evidence';
import { logStandard } from './gaussian';
import { meanOver, midpoints, type Nodes } from './nodes';
import type { Rng } from './rng';
import { logMeanExp } from './special';
import { mean, variance } from './stats';
import { type Gaussian, variational } from './variational';

/** ELBO = reconstruction - KL(q(z|x) || p(z)), nats. */
export interface Elbo {
  readonly elbo: number;
  /** E_q[log p(x|z)]. */
  readonly reconstruction: number;
  /** KL(q || N(0, I)), in closed form. */
  readonly kl: number;
  /**
   * Standard error of the reconstruction; by `exact` what it may be off; 0 by another quadrature.
   */
  readonly error: number;
}

/**
 * The ELBO of q: E_q[log p(x|z)] - KL(q || p(z)), for p(z) = N(0, I).
 *
 * @param f log p(x|z).
 * @param q q(z|x).
 * @param nodes Frozen noise, or a quadrature, of as many dimensions as q.
 */
export async function elbo(
  f: LogLikelihood,
  q: Gaussian,
  nodes: Nodes,
  work: Work = {},
): Promise<Elbo> {
  const own = variational(q);
  const values = await evaluate(f, own.place(nodes.eps), own.dims, work);
  const { mean: reconstruction, error } = meanOver(nodes, values);
  return { elbo: reconstruction - own.kl, reconstruction, kl: own.kl, error };
}

/**
 * The ELBO of q as the mean of log w over K draws, log w = log p(x|z) + log p(z) - log q(z); its
 * KL in closed form, and the reconstruction is the sum of both. The closer q is to p(z|x) the less
 * does log w vary, while log p(x|z) varies as it always does.
 *
 * @param samples K.
 */
export async function drawnElbo(
  f: LogLikelihood,
  q: Gaussian,
  samples: number,
  rng: Rng,
  work: Work = {},
): Promise<Elbo & { readonly logWeight: Float64Array }> {
  const { logWeight } = await importance(f, q, samples, rng, work);
  const { kl } = variational(q);
  const elbo = mean(logWeight);
  const error = Math.sqrt(variance(logWeight, 1) / samples);
  return { elbo, reconstruction: elbo + kl, kl, error, logWeight };
}

/** Every number of both derivations of the ELBO for one x, nats. */
export interface Derivation extends Elbo {
  /** log p(x), which was handed in. */
  readonly logEvidence: number;
  /** The gap, log p(x) - ELBO. */
  readonly gap: number;
  /** KL(q || p(z|x)) = E_q[log q - log p(x, z)] + log p(x), integrated by itself. */
  readonly klPosterior: number;
  /** E_q[log p(x, z)]. */
  readonly logJoint: number;
  /** E_q[log p(z)]. */
  readonly logPrior: number;
  /** -E_q[log q]. */
  readonly entropy: number;
  /** Jensen: the mean of the log, E_q[log w] = ELBO, w = p(x, z) / q(z). */
  readonly meanLogWeight: number;
  /** Jensen: the log of the mean of w over these nodes, whose limit is log p(x). */
  readonly logMeanWeight: number;
}

/**
 * Both derivations in numbers. By Jensen: log p(x) = log E_q[w] >= E_q[log w] = ELBO. By the KL:
 * log p(x) = E_q[log p(x, z) - log q] + KL(q || p(z|x)) = ELBO + gap.
 *
 * @param f log p(x|z).
 * @param q q(z|x).
 * @param logEvidence log p(x), by quadrature.
 * @param nodes Frozen noise, or a quadrature. The closed forms (KL, entropy) stand where there
 *   are any; `klPosterior`, `meanLogWeight` and `logPrior` are means over the nodes alone, so that
 *   they hold the closed forms to account.
 */
export async function derivation(
  f: LogLikelihood,
  q: Gaussian,
  logEvidence: number,
  nodes: Nodes,
  work: Work = {},
): Promise<Derivation> {
  const own = variational(q);
  const z = own.place(nodes.eps);
  const values = await evaluate(f, z, own.dims, work);
  const prior = values.map((_, k) => logStandard(z, own.dims, k));
  const logWeight = values.map((value, k) => value + prior[k]! - own.logDensity(z, k));
  const { mean: reconstruction, error } = meanOver(nodes, values);
  const bound = reconstruction - own.kl;
  const logPrior = meanOver(nodes, prior).mean;
  const meanLogWeight = meanOver(nodes, logWeight).mean;
  // A quadrature's weights are part of the mean; those of draws are all the same.
  const weighted = logWeight.map((value, k) => value + Math.log(nodes.weight[k]! * values.length));
  return {
    elbo: bound,
    reconstruction,
    kl: own.kl,
    error,
    logEvidence,
    gap: logEvidence - bound,
    klPosterior: logEvidence - meanLogWeight,
    logJoint: reconstruction + logPrior,
    logPrior,
    entropy: own.entropy,
    meanLogWeight,
    logMeanWeight: logMeanExp(weighted),
  };
}

/** How exact, and how dear at most. */
export interface Exactness extends Work {
  /**
   * Change of the reconstruction in nats at which the nodes are fine enough; 1e-4 if not given.
   */
  readonly tolerance?: number | undefined;
  /** Nodes along a side at most; 192 where not given, some 29,000 decodes for two latents. */
  readonly most?: number | undefined;
}

/**
 * Both derivations by a midpoint rule that is made finer until the reconstruction stands still:
 * for q of one or two latents, wide ones too, where log p(x|z) has many hills within q and a rule
 * of fixed size is off by nats.
 *
 * @returns The numbers; `error` is what the last refinement changed.
 */
export async function exact(
  f: LogLikelihood,
  q: Gaussian,
  logEvidence: number,
  how: Exactness = {},
): Promise<Derivation> {
  const { tolerance = 1e-4, most = 192 } = how;
  const { dims } = variational(q);
  if (dims !== 1 && dims !== 2) {
    throw new RangeError(`There is a quadrature for 1 or 2 latents, not for ${dims}: draw noise.`);
  }
  let side = 24;
  let found = await derivation(f, q, logEvidence, midpoints(side, dims), how);
  let error = Infinity;
  while (error > tolerance && side * 2 <= most) {
    side *= 2;
    const finer = await derivation(f, q, logEvidence, midpoints(side, dims), how);
    error = Math.abs(finer.reconstruction - found.reconstruction);
    found = finer;
  }
  return { ...found, error };
}
