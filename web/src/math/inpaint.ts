/**
 * Missing pixels given those that are there: p(x_m | x_o) = integral of p(x_m|z) p(z|x_o) dz.
 *
 * x is a row (D), NaN where missing. Nothing is assumed of the decoder but that its dimensions are
 * independent given z, and that the prior is N(0, I).
 */

import { Cloud } from './cloud';
import { errorFrom } from './error';
import { resample } from './evidence';
import { logDensity, logStandard, reparameterize } from './gaussian';
import { draws, logLikelihood, means, type Parameters } from './likelihood';
import type { Rng } from './rng';
import { logMeanExp, logSumExp, type Numbers } from './special';

/** The share of a look in the draws that are weighed in the end. */
const LOOK = 1 / 4;
/** No more looks than these for one purpose. */
export const LOOKS = 8;
/** No more latents than these are searched all over the prior: of more it is too wide. */
export const SEARCHED = 4;

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
  /**
   * Its standard error to first order, sqrt(1/effective - 1/K), nats. Of few effective draws it
   * says nothing: the estimate is then too low by as much as the draws have missed.
   */
  readonly error: number;
}

/** x with its gaps filled by the weighted mean of rows (K x D), and their deviation there. */
export function moments(
  x: Numbers,
  rows: Numbers,
  weight: Numbers,
): { readonly mean: Float64Array; readonly sd: Float64Array } {
  const size = x.length;
  const gaps = Array.from(x, (_, d) => d).filter((d) => Number.isNaN(x[d]!));
  const mean = Float64Array.from(x, (value) => (Number.isNaN(value) ? 0 : value));
  const square = new Float64Array(size);
  for (let k = 0; k < weight.length; k++) {
    for (const d of gaps) mean[d]! += weight[k]! * rows[k * size + d]!;
  }
  for (let k = 0; k < weight.length; k++) {
    for (const d of gaps) square[d]! += weight[k]! * (rows[k * size + d]! - mean[d]!) ** 2;
  }
  return { mean, sd: square.map(Math.sqrt) };
}

/** Draws of z and what they decode to; log w = evidence + ratio. */
interface Look {
  readonly z: Float64Array;
  readonly parameters: Parameters;
  /** log p(x_o|z). */
  readonly evidence: Float64Array;
  /** log p(z) less the log of the mixture of all that was drawn of. */
  readonly ratio: Float64Array;
}

/** Draw z of the prior, of q and of what was fitted before, as many of each as is said. */
async function look(
  halves: Halves,
  x: Numbers,
  [few, ofQ, ofCloud]: readonly [number, number, number],
  q: Encoded | undefined,
  cloud: Cloud | undefined,
  rng: Rng,
): Promise<Look> {
  const { dims, likelihood } = halves;
  const rows = few + ofQ + ofCloud;
  const z = new Float64Array(rows * dims);
  z.set(rng.normals(few * dims));
  if (q) z.set(reparameterize(q, rng.normals(ofQ * dims)), few * dims);
  if (cloud) z.set(cloud.draw(ofCloud, rng), (few + ofQ) * dims);
  const parameters = await halves.decode(z.slice(), rows);
  const fitted = cloud?.logDensity(z);
  const ratio = Float64Array.from({ length: rows }, (_, row) => {
    const prior = logStandard(z, dims, row);
    const each = [Math.log(few / rows) + prior];
    if (q) each.push(Math.log(ofQ / rows) + logDensity(q, z, row));
    if (fitted) each.push(Math.log(ofCloud / rows) + fitted[row]!);
    return prior - logSumExp(each);
  });
  return { z, parameters, evidence: logLikelihood(likelihood, parameters, x, rows), ratio };
}

/** The prior, q and the Gaussians among so many draws: a few go where nothing was found yet. */
function shares(rows: number, cloud: Cloud | undefined): [number, number, number] {
  const few = Math.floor(rows / (cloud ? 8 : 2));
  return cloud ? [few, few, rows - 2 * few] : [few, rows - few, 0];
}

function weights(logWeight: Float64Array): Float64Array {
  const total = logSumExp(logWeight);
  return logWeight.map((value) => Math.exp(value - total));
}

const effectiveOf = (weight: Float64Array): number =>
  1 / weight.reduce((sum, w) => sum + w * w, 0);

const plus = (a: Float64Array, b: Float64Array): Float64Array => a.map((v, i) => v + b[i]!);

/**
 * Weights of base + power * slope, with the largest power of 1, 1/2, 1/4... that leaves so many
 * draws effective. Where p(z|x_o) is much narrower than what was drawn of, one draw has all of the
 * weight, and tells of no place; evened out they lead to where p(z|x_o) is, over some looks.
 */
function evened(
  slope: Float64Array,
  base: Float64Array,
  least: number,
): { readonly weight: Float64Array; readonly power: number } {
  for (let power = 1; ; power /= 2) {
    const weight = weights(base.map((value, i) => value + power * slope[i]!));
    if (power < 1e-12 || effectiveOf(weight) >= least) return { weight, power };
  }
}

/**
 * Gaussians wherever p(z|x_o) lies under the prior, by p(z) p(x_o|z)^power, the power rising to 1.
 * q is not asked: where it knows one place of two, its many good draws would hide the other.
 */
async function searched(halves: Halves, x: Numbers, rows: number, rng: Rng): Promise<Cloud> {
  let cloud: Cloud | undefined;
  for (let looks = 1; ; looks++) {
    const few = cloud ? Math.floor(rows / 4) : rows;
    const found = await look(halves, x, [few, 0, rows - few], undefined, cloud, rng);
    const { weight, power } = evened(found.evidence, found.ratio, rows / 8);
    cloud = Cloud.fit(found.z, weight, halves.dims, rng);
    if (power === 1 || looks === LOOKS) return cloud;
  }
}

/**
 * Fill gaps by importance resampling: draws of z, some of the prior, some of q(z|x) for x with its
 * gaps filled, and most of Gaussians that were fitted to draws before, weighed by p(x_o|z) p(z)
 * over the mixture of all three, and drawn again.
 *
 * Looks of K / 4 draws come first. Few latents are searched under the prior; then, however many
 * they are, gaps are filled and Gaussians fitted anew after each look, until a quarter of its
 * draws is effective. The K draws that count know of all that only by where they are drawn, so
 * that their mean weight has p(x_o) for its expectation.
 *
 * @param x What is there, NaN where missing, (D).
 * @param guess What the encoder sees in the gaps at first, (D): the data's mean, or zeros.
 * @param k How many draws count; decoded all at once.
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
  const rows = Math.floor(LOOK * k);
  if (rows < 16) throw new RangeError(`${k} draws are too few to look with a quarter of them.`);
  const { dims, likelihood } = halves;
  const encoded = async (filled: Float64Array): Promise<Encoded> => {
    const { mean, sd } = await halves.encode(filled, 1);
    return { mean: part(mean, 0, dims), sd: part(sd, 0, dims) };
  };
  const expected = ({ parameters }: Look, weight: Float64Array): ReturnType<typeof moments> =>
    moments(x, means(likelihood, parameters, weight.length * x.length), weight);
  let q = await encoded(Float64Array.from(x, (v, d) => (Number.isNaN(v) ? guess[d]! : v)));
  let cloud = dims <= SEARCHED ? await searched(halves, x, rows, rng) : undefined;
  for (let looks = 0; looks < LOOKS; looks++) {
    const found = await look(halves, x, shares(rows, cloud), q, cloud, rng);
    const logWeight = plus(found.evidence, found.ratio);
    // Not p(z) p(x_o|z)^power: of many latents that leads back to the prior, away from q.
    const { weight } = evened(logWeight, new Float64Array(rows), rows / 8);
    q = await encoded(expected(found, weight).mean);
    cloud = Cloud.fit(found.z, weight, dims, rng);
    if (effectiveOf(weights(logWeight)) > rows / 4) break;
  }
  const found = await look(halves, x, shares(k, cloud), q, cloud, rng);
  const logWeight = plus(found.evidence, found.ratio);
  const weight = weights(logWeight);
  const effective = effectiveOf(weight);
  const chosen = resample(logWeight, count, rng);
  const latents = Float64Array.from(
    { length: count * dims },
    (_, i) => found.z[chosen[Math.floor(i / dims)]! * dims + (i % dims)]!,
  );
  return {
    ...expected(found, weight),
    samples: completed(halves, x, count, await halves.decode(latents.slice(), count), rng),
    z: latents,
    effective,
    logEvidence: logMeanExp(logWeight),
    error: errorFrom(effective, weight.length),
  };
}
