/** The plane in which points of many dimensions spread most. */

import type { Numbers } from './special';

/** Two principal components. */
export interface Principal {
  /** The mean of the rows, (L). */
  readonly mean: Float64Array;
  /** Directions of length one, (2 x L); of each the largest number is positive. */
  readonly axes: Float64Array;
  /** Variances along them, over n - 1. */
  readonly variance: readonly [number, number];
  /** The variance of all directions together. */
  readonly total: number;
  /** The rows in this plane, (n x 2). */
  readonly projected: Float64Array;
}

/**
 * The eigenvalues and eigenvectors (rows) of a symmetric matrix (n x n), by Jacobi's rotations.
 */
export function eigen(
  matrix: Numbers,
  n: number,
): { values: Float64Array; vectors: Float64Array } {
  const a = Float64Array.from(matrix);
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    let whole = 0;
    for (let i = 0; i < n * n; i++) {
      whole += a[i]! ** 2;
      if (i % (n + 1) !== 0) off += a[i]! ** 2;
    }
    if (off <= 1e-30 * whole) break;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) rotate(a, vectors, n, p, q);
    }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (i, j) => a[j * n + j]! - a[i * n + i]!,
  );
  return {
    values: Float64Array.from(order, (i) => a[i * n + i]!),
    vectors: Float64Array.from(
      { length: n * n },
      (_, at) => vectors[order[Math.floor(at / n)]! * n + (at % n)]!,
    ),
  };
}

/** Turn the plane of p and q so that a[p, q] is 0; the rows of `vectors` turn along. */
function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[k * n + p]!, a[k * n + q]!];
    a[k * n + p] = c * x - s * y;
    a[k * n + q] = s * x + c * y;
  }
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[p * n + k]!, a[q * n + k]!];
    a[p * n + k] = c * x - s * y;
    a[q * n + k] = s * x + c * y;
    const [u, v] = [vectors[p * n + k]!, vectors[q * n + k]!];
    vectors[p * n + k] = c * u - s * v;
    vectors[q * n + k] = s * u + c * v;
  }
}

/**
 * The first two principal components of rows (n x L): eigenvectors of their covariance.
 *
 * @throws RangeError of fewer than two rows or two dimensions.
 */
export function pca(rows: Numbers, dims: number): Principal {
  const n = rows.length / dims;
  if (n < 2 || dims < 2) throw new RangeError(`${n} rows of ${dims} numbers span no plane.`);
  const mean = new Float64Array(dims);
  for (let i = 0; i < rows.length; i++) mean[i % dims]! += rows[i]! / n;
  const covariance = new Float64Array(dims * dims);
  const away = new Float64Array(dims);
  for (let row = 0; row < n; row++) {
    for (let d = 0; d < dims; d++) away[d] = rows[row * dims + d]! - mean[d]!;
    for (let d = 0; d < dims; d++) {
      for (let e = d; e < dims; e++) covariance[d * dims + e]! += (away[d]! * away[e]!) / (n - 1);
    }
  }
  for (let d = 0; d < dims; d++) {
    for (let e = 0; e < d; e++) covariance[d * dims + e] = covariance[e * dims + d]!;
  }
  const { values, vectors } = eigen(covariance, dims);
  const axes = new Float64Array(2 * dims);
  for (const k of [0, 1]) axes.set(upright(vectors.slice(k * dims, (k + 1) * dims)), k * dims);
  return {
    mean,
    axes,
    variance: [values[0]!, values[1]!],
    total: values.reduce((sum, v) => sum + v, 0),
    projected: project(rows, dims, mean, axes),
  };
}

function upright(axis: Float64Array): Float64Array {
  const largest = axis.reduce((best, v) => (Math.abs(v) > Math.abs(best) ? v : best), 0);
  return largest < 0 ? axis.map((v) => -v) : axis;
}

/** Rows in the plane of two axes: (x - mean) . axis for each, (n x 2). */
export function project(rows: Numbers, dims: number, mean: Numbers, axes: Numbers): Float64Array {
  const found = new Float64Array((2 * rows.length) / dims);
  for (let i = 0; i < found.length; i++) {
    const [row, k] = [i >> 1, i % 2];
    for (let d = 0; d < dims; d++) {
      found[i]! += (rows[row * dims + d]! - mean[d]!) * axes[k * dims + d]!;
    }
  }
  return found;
}

/** The way back: mean + u axis_1 + v axis_2 for points (n x 2) of the plane, (n x L). */
export function lifted(points: Numbers, mean: Numbers, axes: Numbers): Float64Array {
  const dims = mean.length;
  return Float64Array.from({ length: (points.length / 2) * dims }, (_, i) => {
    const [row, d] = [Math.floor(i / dims), i % dims];
    return mean[d]! + points[2 * row]! * axes[d]! + points[2 * row + 1]! * axes[dims + d]!;
  });
}
