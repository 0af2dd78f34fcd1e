/**
 * log p(x|z) on a grid of the plane, computed once for an x and interpolated from then on: so that
 * dragging q asks the decoder nothing.
 */

import { evaluate, type LogLikelihood, type Work } from './evaluate';
import type { Window } from './quadrature';
import type { Numbers } from './special';

/** log p(x|z) at n x n nodes of a window, its edges included, the first latent first. */
export interface Field {
  readonly n: number;
  readonly window: Window;
  readonly values: Float64Array;
}

const WHOLE: Window = [
  [-4.5, 4.5],
  [-4.5, 4.5],
];

/**
 * Compute log p(x|z) at n x n nodes, n^2 decodes. What is narrower than some three steps between
 * nodes is not in it: around a narrow q, choose a window a few of its standard deviations wide.
 */
export async function field(
  f: LogLikelihood,
  n = 97,
  window: Window = WHOLE,
  work: Work = {},
): Promise<Field> {
  const [[left, right], [bottom, top]] = window;
  const z = new Float64Array(2 * n * n);
  for (let i = 0; i < n * n; i++) {
    z[2 * i] = left + ((right - left) * (i % n)) / (n - 1);
    z[2 * i + 1] = bottom + ((top - bottom) * Math.floor(i / n)) / (n - 1);
  }
  return { n, window, values: await evaluate(f, z, 2, work) };
}

/** Weights of four neighbours for a place t in [0, 1] between the middle two (Keys, 1981). */
function cubic(t: number): [number, number, number, number] {
  return [
    ((-0.5 * t + 1) * t - 0.5) * t,
    (1.5 * t - 2.5) * t * t + 1,
    ((-1.5 * t + 2) * t + 0.5) * t,
    (0.5 * t - 0.5) * t * t,
  ];
}

/** log p(x|z) at z = (x, y) by bicubic interpolation; beyond the grid, that of its edge. */
export function at(grid: Field, x: number, y: number): number {
  const { n, window, values } = grid;
  const place = (v: number, [low, high]: readonly [number, number]): number =>
    Math.min(Math.max(((v - low) / (high - low)) * (n - 1), 0), n - 1);
  const [px, py] = [place(x, window[0]), place(y, window[1])];
  const [i, j] = [Math.min(Math.floor(px), n - 2), Math.min(Math.floor(py), n - 2)];
  const [across, up] = [cubic(px - i), cubic(py - j)];
  let sum = 0;
  for (let b = 0; b < 4; b++) {
    for (let a = 0; a < 4; a++) sum += across[a]! * up[b]! * node(n, values, i + a - 1, j + b - 1);
  }
  return sum;
}

/** A value of the grid, those just outside continued along a straight line. */
function node(n: number, values: Numbers, i: number, j: number): number {
  if (i < 0) return 2 * node(n, values, 0, j) - node(n, values, 1, j);
  if (i >= n) return 2 * node(n, values, n - 1, j) - node(n, values, n - 2, j);
  if (j < 0) return 2 * values[i]! - values[n + i]!;
  if (j >= n) return 2 * values[(n - 1) * n + i]! - values[(n - 2) * n + i]!;
  return values[j * n + i]!;
}

/** The field in the place of the decoder: what `elbo`, `derivation` and `fit` take. */
export function fromField(grid: Field): LogLikelihood {
  return (z, rows) =>
    Float64Array.from({ length: rows }, (_, k) => at(grid, z[2 * k]!, z[2 * k + 1]!));
}
