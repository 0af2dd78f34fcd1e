/**
 * log p(x|z) from the numbers that a decoder's graph answers, in nats, and E[x|z].
 *
 * Parameters come by torch's names, each (rows x D), those of mixtures and classes (rows x D x K).
 * A value of x that is NaN is missing, and left out: it adds 0 to log p(x|z), as in Python.
 */

import type { Rng } from './rng';
import { FAMILIES } from './families';
import type { Numbers } from './special';

/** The outputs of a decoder's graph by name; others than the family's are ignored. */
export type Parameters = Readonly<Record<string, Numbers>>;

/** A distribution of single dimensions whose parameters are at hand. */
export interface Bound {
  /** log p(x) in nats of the cell numbered `at`, row * D + d. */
  logProb(at: number, x: number): number;
  /** E[x] of the cell. */
  mean(at: number): number;
  /** A draw of the cell. */
  draw(at: number, rng: Rng): number;
  /** The sum of log p over `count` cells from `at`, x from `from`, where that is quicker. */
  total?(at: number, x: Numbers, from: number, count: number): number;
}

/** A kind of likelihood, the one that the model's card names. */
export interface Family {
  /** The parameters that it needs, by torch's names. */
  readonly needs: readonly string[];
  /** Whether log p is the logarithm of a probability, not of a density. */
  readonly isMass: boolean;
  /** Take in the parameters of so many cells, rows * D. */
  bind(parameters: Parameters, cells: number): Bound;
}

const DEPENDENT =
  'its dimensions depend on each other given z, and no numbers for each of them say all of it';
const REFUSED: Readonly<Record<string, string>> = {
  'coupled-mixture': DEPENDENT,
  autoregressive: DEPENDENT,
  'autoregressive-levels': DEPENDENT,
  'ms-ssim': 'it is a cost, and the logarithm of no probability',
};

/** The names of the likelihoods that can be computed here. */
export const NAMES: readonly string[] = Object.keys(FAMILIES);

/**
 * Return a likelihood by the name that the model's card gives it (`bernoulli`, say).
 *
 * @throws RangeError saying why not, and which there are.
 */
export function family(name: string): Family {
  const found = FAMILIES[name];
  if (found) return found;
  const why = REFUSED[name] ?? 'nothing is known of it';
  throw new RangeError(
    `log p(x|z) of the likelihood "${name}" cannot be computed here: ${why}. ` +
      `There are ${NAMES.join(', ')}; ask the service for its scores instead.`,
  );
}

function bound(name: string, parameters: Parameters, cells: number): Bound {
  const kind = family(name);
  for (const need of kind.needs) {
    const row = parameters[need];
    if (!row || row.length === 0 || row.length % cells !== 0) {
      throw new RangeError(
        `The likelihood "${name}" needs "${need}" of ${cells} cells, and there are ` +
          `${row ? `${row.length} numbers` : 'none'} ` +
          `(given: ${Object.keys(parameters).join(', ')}).`,
      );
    }
  }
  return kind.bind(parameters, cells);
}

/**
 * log p(x|z) = sum_d log p(x_d|z) of every row, (rows), nats.
 *
 * @param name The likelihood.
 * @param parameters Its parameters for as many z as there are rows, (rows x D ...).
 * @param x One example (D) that all rows explain, or one for each, (rows x D); NaN where missing.
 * @param rows How many rows there are.
 */
export function logLikelihood(
  name: string,
  parameters: Parameters,
  x: Numbers,
  rows: number,
  dims = x.length,
): Float64Array {
  const p = bound(name, parameters, rows * dims);
  const apart = x.length === rows * dims ? dims : 0;
  if (!apart && x.length !== dims) {
    throw new RangeError(`x has ${x.length} numbers, neither ${dims} nor ${rows * dims}.`);
  }
  const total = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const [at, from] = [row * dims, row * apart];
    total[row] = p.total ? p.total(at, x, from, dims) : summed(p, at, x, from, dims);
  }
  return total;
}

function summed(p: Bound, at: number, x: Numbers, from: number, count: number): number {
  let sum = 0;
  for (let d = 0; d < count; d++) {
    const value = x[from + d]!;
    // Of missing values nothing is asked.
    if (value === value) sum += p.logProb(at + d, value);
  }
  return sum;
}

/** E[x|z] of every cell, (rows x D); for classes the mean of their codes. */
export function means(name: string, parameters: Parameters, cells: number): Float64Array {
  const p = bound(name, parameters, cells);
  return Float64Array.from({ length: cells }, (_, at) => p.mean(at));
}

/** A draw of every cell of p(x|z), (rows x D). */
export function draws(
  name: string,
  parameters: Parameters,
  cells: number,
  rng: Rng,
): Float64Array {
  const p = bound(name, parameters, cells);
  return Float64Array.from({ length: cells }, (_, at) => p.draw(at, rng));
}
