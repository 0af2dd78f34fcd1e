/** Directions of the latent space that mean something, from two selections. */

import type { Numbers } from './special';

/** The mean of some rows of (n x L), all of them where none are chosen, (L). */
export function meanRow(rows: Numbers, dims: number, chosen?: ArrayLike<number>): Float64Array {
  const count = chosen ? chosen.length : rows.length / dims;
  if (count === 0) throw new RangeError('The mean of no rows is nothing: select at least one.');
  const mean = new Float64Array(dims);
  for (let i = 0; i < count; i++) {
    const row = chosen ? chosen[i]! : i;
    for (let d = 0; d < dims; d++) mean[d]! += rows[row * dims + d]! / count;
  }
  return mean;
}

/**
 * mean of A - mean of B: what has to be added to turn one into the other ("the smile vector",
 * Larsen et al., 2016), (L).
 */
export function direction(
  rows: Numbers,
  dims: number,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): Float64Array {
  const [first, second] = [meanRow(rows, dims, a), meanRow(rows, dims, b)];
  return first.map((value, d) => value - second[d]!);
}

function dot(a: Numbers, b: Numbers): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += a[d]! * b[d]!;
  return sum;
}

/** The Euclidean length of a row. */
export function norm(a: Numbers): number {
  return Math.sqrt(dot(a, a));
}

/** A row of length one; zeros stay zeros. */
export function normalised(a: Numbers): Float64Array {
  const length = norm(a) || 1;
  return Float64Array.from(a, (value) => value / length);
}

/**
 * What is left of a direction once all of others is taken out of it: d - sum_k (d . u_k) u_k, for
 * an orthonormal basis u of the others (Gram and Schmidt, twice, for the first pass leaves
 * rounding).
 */
export function orthogonalised(a: Numbers, others: readonly Numbers[]): Float64Array {
  const basis: Float64Array[] = [];
  for (const other of others) {
    const left = without(other, basis);
    // Of a direction that depends on those before it only rounding is left.
    if (norm(left) > 1e-9 * norm(other)) basis.push(normalised(left));
  }
  return without(a, basis);
}

function without(a: Numbers, basis: readonly Float64Array[]): Float64Array {
  const left = Float64Array.from(a);
  for (let pass = 0; pass < 2; pass++) {
    for (const u of basis) {
      const share = dot(left, u);
      for (let d = 0; d < left.length; d++) left[d]! -= share * u[d]!;
    }
  }
  return left;
}

/** z moved so far along a direction: z + strength * direction. */
export function moved(z: Numbers, along: Numbers, strength: number): Float64Array {
  return Float64Array.from(z, (value, d) => value + strength * along[d]!);
}

/** The cosine of the angle between two directions: 0 of those that do not leak into each other. */
export function cosine(a: Numbers, b: Numbers): number {
  return dot(a, b) / (norm(a) * norm(b));
}

/** a - b + c, the analogy of three examples: what b is to a, the answer is to c. */
export function analogy(a: Numbers, b: Numbers, c: Numbers): Float64Array {
  return moved(moved(a, b, -1), c, 1);
}

/** How far each row lies along a direction from an origin, (z - origin) . d / |d|, (n). */
export function projected(rows: Numbers, along: Numbers, origin?: Numbers): Float64Array {
  const dims = along.length;
  const u = normalised(along);
  const from = origin ?? new Float64Array(dims);
  return Float64Array.from({ length: rows.length / dims }, (_, row) => {
    let sum = 0;
    for (let d = 0; d < dims; d++) sum += (rows[row * dims + d]! - from[d]!) * u[d]!;
    return sum;
  });
}
