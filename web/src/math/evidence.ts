/** log p(x) by drawing z: importance weights, their running mean and effective size. */

import { errorFrom } from './error';
import { evaluate, type LogLikelihood, type Work } from './evaluate';
import { logStandard } from './gaussian';
import type { Rng } from './rng';
import type { Numbers } from './special';
import { type Gaussian, variational } from './variational';

/** Draws of a proposal, with their weights. */
export interface Weighted {
  /** Draws, (K x L). */
  readonly z: Float64Array;
  /** log p(x|z), (K) nats. */
  readonly logLikelihood: Float64Array;
  /** log w = log p(x|z) + log p(z) - log q(z), (K) nats; under the prior log p(x|z) itself. */
  readonly logWeight: Float64Array;
}

/**
 * Draw z from the prior N(0, I) or from q, and weigh: log w_k = log p(x|z_k) + log p(z_k) - log
 * q(z_k).
 *
 * @param f log p(x|z).
 * @param proposal q(z|x), or the number L of latents of the prior N(0, I).
 * @param samples K.
 * @param rng Where the noise comes from: one normal for each latent of each draw, in this order.
 * @param work Chunks, and how to stop.
 */
export async function importance(
  f: LogLikelihood,
  proposal: Gaussian | number,
  samples: number,
  rng: Rng,
  work: Work = {},
): Promise<Weighted> {
  const q = typeof proposal === 'number' ? null : variational(proposal);
  const dims = q ? q.dims : (proposal as number);
  const eps = rng.normals(samples * dims);
  const z = q ? q.place(eps) : eps;
  const found = await evaluate(f, z, dims, work);
  const weigh = (value: number, k: number): number =>
    q ? value + logStandard(z, dims, k) - q.logDensity(z, k) : value;
  return { z, logLikelihood: found, logWeight: Float64Array.from(found, weigh) };
}

/** The log mean of weights that come one by one, without overflow and without keeping them. */
export class Running {
  /** How many weights there were. */
  count = 0;
  private peak = -Infinity;
  private total = 0;
  private square = 0;

  /** Take in log w. */
  add(logWeight: number): this {
    this.count += 1;
    if (logWeight > this.peak) {
      const shrink = Math.exp(this.peak - logWeight);
      this.total *= shrink;
      this.square *= shrink * shrink;
      this.peak = logWeight;
    }
    if (logWeight === -Infinity) return this;
    const weight = Math.exp(logWeight - this.peak);
    this.total += weight;
    this.square += weight * weight;
    return this;
  }

  /** Take in a part of a row. */
  addAll(logWeight: Numbers, from = 0, to = logWeight.length): this {
    for (let i = from; i < to; i++) this.add(logWeight[i]!);
    return this;
  }

  /** log((1/K) sum w): what log p(x) is estimated to be, too low in the mean. */
  get estimate(): number {
    return this.peak + Math.log(this.total) - Math.log(this.count);
  }

  /** The effective number, (sum w)^2 / sum w^2: K where all are equal, 1 where one rules; 0 of zeros. */
  get effective(): number {
    return this.total === 0 ? 0 : this.total ** 2 / this.square;
  }

  /** The standard error of the estimate, nats (`errorFrom`). */
  get error(): number {
    return errorFrom(this.effective, this.count);
  }
}

/** The estimate after so many samples. */
export interface Step {
  readonly count: number;
  readonly estimate: number;
  readonly error: number;
  readonly effective: number;
}

/** The running estimate of log p(x) at rising counts of samples, each at most K. */
export function running(logWeight: Numbers, counts: readonly number[]): Step[] {
  const state = new Running();
  return counts.map((count) => {
    state.addAll(logWeight, state.count, Math.min(count, logWeight.length));
    return {
      count: state.count,
      estimate: state.estimate,
      error: state.error,
      effective: state.effective,
    };
  });
}

/** About `steps` counts from 1 to K, even on a logarithmic axis, K the last. */
export function logCounts(k: number, steps = 60): number[] {
  const counts = Array.from({ length: steps }, (_, i) => Math.round(k ** (i / (steps - 1))));
  return [...new Set(counts)];
}

/**
 * A band of the running estimate: the lowest and the highest of R runs with draws of their own.
 *
 * One more run is as likely as each of them to be the lowest or the highest, so at any count it falls
 * between with probability (R - 1) / (R + 1), nine times of ten where R is 19. Draws of one pool in
 * another order are no such runs: what is rare is not in the pool, and the band is far too narrow.
 *
 * @param runs log w of each run, as many as the largest count.
 * @returns For each count, the lowest and the highest estimate.
 */
export function band(runs: readonly Numbers[], counts: readonly number[]): [number, number][] {
  const each = runs.map((run) => running(run, counts).map((step) => step.estimate));
  return counts.map((_, i) => {
    const found = each.map((run) => run[i]!);
    return [Math.min(...found), Math.max(...found)];
  });
}

/** Draw `count` of the samples again, each with probability w_k / sum w: their numbers. */
export function resample(logWeight: Numbers, count: number, rng: Rng): Uint32Array {
  let peak = -Infinity;
  for (let i = 0; i < logWeight.length; i++) peak = Math.max(peak, logWeight[i]!);
  const upTo = new Float64Array(logWeight.length);
  let total = 0;
  for (let i = 0; i < upTo.length; i++) upTo[i] = total += Math.exp(logWeight[i]! - peak);
  return Uint32Array.from({ length: count }, () => {
    const at = rng.uniform() * total;
    let [low, high] = [0, upTo.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return low;
  });
}
