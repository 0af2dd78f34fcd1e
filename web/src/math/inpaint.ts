/**
 * Missing pixels given those that are there: p(x_m | x_o) = integral of p(x_m|z) p(z|x_o) dz.
 *
 * x is a row (D), NaN where missing. Nothing is assumed of the decoder but that its dimensions are
 * independent given z, and that the prior is N(0, I).
 */

import { resample } from './evidence';
import { logDensity, logStandard, reparameterize } from './gaussian';
import { draws, logLikelihood, means, type Parameters } from './likelihood';
import type { Rng } from './rng';
import { logMeanExp, logSumExp, type Numbers } from './special';

/** Both halves of a model, answering at once or later. */
export interface Halves {
  /** The number of latents. */
  readonly dims: number;
  /** The likelihood's name. */
  readonly likelihood: string;
  /** Mean and standard deviation of q(z|x), (rows x L) each, for x (rows x D) without gaps. */
  encode(x: Float64Array, rows: number): Encoded | Promise<Encoded>;
  /** The parameters of p(x|z) for z (rows x L). */
  decode(z: Float64Array, rows: number): Parameters | Promise<Parameters>;
}

/** Rows of Gaussians, (rows x L) each. */
export interface Encoded {
  readonly mean: Numbers;
  readonly sd: Numbers;
}

function part(rows: Numbers, row: number, dims: number): Float64Array {
  return Float64Array.from({ length: dims }, (_, d) => rows[row * dims + d]!);
}

/** Every row x where it is there, and a draw of p(x|z) where it is missing. */
function completed(
  halves: Halves,
  x: Numbers,
  rows: number,
  parameters: Parameters,
  rng: Rng,
): Float64Array {
  const full = draws(halves.likelihood, parameters, rows * x.length, rng);
  return full.map((value, i) => (Number.isNaN(x[i % x.length]!) ? value : x[i % x.length]!));
}

/** What is known of the missing pixels. */
export interface Imputed {
  /** x where it is there, E[x_m|x_o] where it is missing, (D). */
  readonly mean: Float64Array;
  /** Standard deviation over p(z|x_o) of E[x_m|z], (D): what z leaves open; 0 where x is there. */
  readonly sd: Float64Array;
  /** Completed examples, (count x D). */
  readonly samples: Float64Array;
  /** Their latents, (count x L): draws of p(z|x_o). */
  readonly z: Float64Array;
  /** (sum w)^2 / sum w^2: how many draws of the K count. */
  readonly effective: number;
  /** log p(x_o), estimated, nats. */
  readonly logEvidence: number;
}

/**
 * Fill gaps by importance resampling: K draws of z, half of them of the prior and half of q(z|x)
 * for x with its gaps filled by `guess`, weighed by p(x_o|z) p(z) over the mixture of both, and
 * drawn again.
 *
 * @param x What is there, NaN where missing, (D).
 * @param guess What the encoder sees in the gaps, (D): the data's mean, or zeros.
 * @param k How many draws, an even number; decoded all at once.
 * @param count How many completed examples are wanted.
 */
export async function impute(
  halves: Halves,
  x: Numbers,
  guess: Numbers,
  k: number,
  count: number,
  rng: Rng,
): Promise<Imputed> {
  if (k % 2 === 1) throw new RangeError(`Half of ${k} draws is no number of draws.`);
  const { dims, likelihood } = halves;
  const missing = Array.from(x, (value) => Number.isNaN(value));
  const seen = Float64Array.from(x, (value, d) => (missing[d] ? guess[d]! : value));
  const encoded = await halves.encode(seen, 1);
  const q = { mean: part(encoded.mean, 0, dims), sd: part(encoded.sd, 0, dims) };
  const eps = rng.normals(k * dims);
  const half = (k / 2) * dims;
  const z = eps.slice();
  z.set(reparameterize(q, eps.slice(half)), half);
  const parameters = await halves.decode(z.slice(), k);
  const logWeight = logLikelihood(likelihood, parameters, x, k).map((value, row) => {
    const prior = logStandard(z, dims, row);
    return value + prior - logMeanExp([prior, logDensity(q, z, row)]);
  });
  const total = logSumExp(logWeight);
  const weight = logWeight.map((value) => Math.exp(value - total));
  const decoded = means(likelihood, parameters, k * x.length);
  const mean = Float64Array.from(x, (value, d) => (missing[d] ? 0 : value));
  const square = new Float64Array(x.length);
  weight.forEach((w, row) => {
    missing.forEach((gap, d) => {
      if (gap) mean[d]! += w * decoded[row * x.length + d]!;
    });
  });
  weight.forEach((w, row) => {
    missing.forEach((gap, d) => {
      if (gap) square[d]! += w * (decoded[row * x.length + d]! - mean[d]!) ** 2;
    });
  });
  const chosen = resample(logWeight, count, rng);
  const latents = Float64Array.from(
    { length: count * dims },
    (_, i) => z[chosen[Math.floor(i / dims)]! * dims + (i % dims)]!,
  );
  return {
    mean,
    sd: square.map(Math.sqrt),
    samples: completed(halves, x, count, await halves.decode(latents.slice(), count), rng),
    z: latents,
    effective: 1 / weight.reduce((sum, w) => sum + w * w, 0),
    logEvidence: total - Math.log(k),
  };
}
