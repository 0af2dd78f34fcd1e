/** Points and weights for means under N(0, I): drawn once and kept, or those of a quadrature. */

import { LOG_SQRT_2PI } from './special';
import type { Rng } from './rng';

/** E[f(eps)] = sum_k weight_k f(eps_k) for eps of N(0, I), exactly or in the mean over draws. */
export interface Nodes {
  /** Points, (K x L). */
  readonly eps: Float64Array;
  /** Weights that sum to one, (K). */
  readonly weight: Float64Array;
  readonly dims: number;
  /** Whether they were drawn, and the mean has a standard error. */
  readonly drawn: boolean;
}

/**
 * K draws of N(0, I) with equal weights, frozen: the same noise for every q that is tried.
 *
 * @param antithetic Whether every second is minus the one before, which makes means of what is
 *   linear in eps exact.
 */
export function frozen(rng: Rng, k: number, dims: number, antithetic = false): Nodes {
  const eps = rng.normals(k * dims);
  if (antithetic) {
    for (let i = 1; i < k; i += 2) {
      for (let d = 0; d < dims; d++) eps[i * dims + d] = -eps[(i - 1) * dims + d]!;
    }
  }
  return { eps, weight: new Float64Array(k).fill(1 / k), dims, drawn: true };
}

/** Nodes and weights of Gauss and Hermite for N(0, 1), n at most 64: exact to degree 2n - 1. */
function hermite(n: number): { at: number[]; weight: number[] } {
  const at: number[] = [];
  const weight: number[] = [];
  // The orthonormal polynomials of e^{-x^2}, and Newton's steps from one root to the next.
  let x = 0;
  for (let i = 0; i < (n + 1) >> 1; i++) {
    if (i === 0) x = Math.sqrt(2 * n + 1) - 1.85575 * (2 * n + 1) ** (-1 / 6);
    else if (i === 1) x -= (1.14 * n ** 0.426) / x;
    else if (i === 2) x = 1.86 * x - 0.86 * at[0]!;
    else if (i === 3) x = 1.91 * x - 0.91 * at[1]!;
    else x = 2 * x - at[i - 2]!;
    let slope = 1;
    for (let step = 0; step < 50; step++) {
      let [value, before] = [Math.PI ** -0.25, 0];
      for (let j = 0; j < n; j++) {
        const next = x * Math.sqrt(2 / (j + 1)) * value - Math.sqrt(j / (j + 1)) * before;
        before = value;
        value = next;
      }
      slope = Math.sqrt(2 * n) * before;
      const change = value / slope;
      x -= change;
      if (Math.abs(change) < 1e-14) break;
    }
    at[i] = x;
    at[n - 1 - i] = -x;
    weight[i] = weight[n - 1 - i] = 2 / (slope * slope) / Math.sqrt(Math.PI);
  }
  if (n % 2 === 1) at[(n - 1) / 2] = 0;
  return { at: at.map((root) => root * Math.SQRT2), weight };
}

/** Weights of a product below this share of the largest are nothing in any sum of doubles. */
const NOTHING = 1e-14;

function product(side: { at: number[]; weight: number[] }, dims: number): Nodes {
  const n = side.at.length;
  const eps: number[] = [];
  const weight: number[] = [];
  const most = Math.max(...side.weight) ** dims;
  for (let cell = 0; cell < n ** dims; cell++) {
    let [rest, mass] = [cell, 1];
    const point: number[] = [];
    for (let d = 0; d < dims; d++) {
      const i = rest % n;
      rest = (rest - i) / n;
      point.push(side.at[i]!);
      mass *= side.weight[i]!;
    }
    if (mass < NOTHING * most) continue;
    eps.push(...point);
    weight.push(mass);
  }
  const total = weight.reduce((sum, each) => sum + each, 0);
  return {
    eps: Float64Array.from(eps),
    weight: Float64Array.from(weight, (each) => each / total),
    dims,
    drawn: false,
  };
}

/** The quadrature of Gauss and Hermite along 1 or 2 dimensions, n nodes each (n <= 64). */
export function gaussHermite(n: number, dims: 1 | 2): Nodes {
  if (!(n >= 1 && n <= 64))
    throw new RangeError(`Gauss-Hermite has 1 to 64 nodes here, not ${n}.`);
  return product(hermite(n), dims);
}

/**
 * The midpoint rule on the cube of `reach` standard deviations, n cells along each of 1 or 2
 * dimensions. Its error falls exponentially in n for what is smooth, and kinks hurt it less than
 * Gauss-Hermite.
 */
export function midpoints(n: number, dims: 1 | 2, reach = 8): Nodes {
  const at = Array.from({ length: n }, (_, i) => reach * ((2 * i + 1) / n - 1));
  const width = (2 * reach) / n;
  return product(
    { at, weight: at.map((z) => width * Math.exp(-0.5 * z * z - LOG_SQRT_2PI)) },
    dims,
  );
}

/** sum_k weight_k f_k, and its standard error where the nodes were drawn (0 where not). */
export function meanOver(nodes: Nodes, f: ArrayLike<number>): { mean: number; error: number } {
  const k = nodes.weight.length;
  let mean = 0;
  for (let i = 0; i < k; i++) mean += nodes.weight[i]! * f[i]!;
  if (!nodes.drawn) return { mean, error: 0 };
  let square = 0;
  for (let i = 0; i < k; i++) square += (f[i]! - mean) ** 2;
  return { mean, error: k > 1 ? Math.sqrt(square / (k - 1) / k) : NaN };
}
