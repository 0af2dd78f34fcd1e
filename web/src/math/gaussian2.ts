/**
 * Gaussians of two latents with correlation, by what a hand can drag: mean, axes and angle.
 *
 * The covariance is R diag(a^2, b^2) R' where R turns by the angle, counter-clockwise with the
 * second latent upwards: `axes` are standard deviations along the turned axes. All in nats.
 */

import type { Diagonal } from './gaussian';
import { LOG_SQRT_2PI, type Numbers, normalQuantile } from './special';

/** Two numbers. */
export type Pair = readonly [number, number];
/** The covariance of two latents: variance of the first, covariance, variance of the second. */
export type Covariance = readonly [number, number, number];

/** N(mean, R(angle) diag(axes^2) R(angle)'). */
export interface Gaussian2 {
  readonly mean: Pair;
  /** Standard deviations along the turned axes, both above 0. */
  readonly axes: Pair;
  /** Radians. */
  readonly angle: number;
}

/** N(0, I) of two latents. */
export const STANDARD: Gaussian2 = { mean: [0, 0], axes: [1, 1], angle: 0 };

/** The Gaussian of independent latents as one with axes: angle 0. */
export function fromDiagonal(q: Diagonal): Gaussian2 {
  return { mean: [q.mean[0]!, q.mean[1]!], axes: [q.sd[0]!, q.sd[1]!], angle: 0 };
}

/** The covariance matrix R diag(a^2, b^2) R'. */
export function covariance(q: Gaussian2): Covariance {
  const [c, s] = [Math.cos(q.angle), Math.sin(q.angle)];
  const [a, b] = [q.axes[0] ** 2, q.axes[1] ** 2];
  return [c * c * a + s * s * b, c * s * (a - b), s * s * a + c * c * b];
}

/** Mean, axes and angle of a covariance matrix: its eigenvectors, the longer axis first. */
export function fromCovariance(mean: Pair, [xx, xy, yy]: Covariance): Gaussian2 {
  const middle = (xx + yy) / 2;
  const away = Math.hypot((xx - yy) / 2, xy);
  const large = middle + away;
  // The product of both is the determinant, which does not cancel where they differ much.
  const small = large > 0 ? Math.max((xx * yy - xy * xy) / large, 0) : 0;
  const angle = away === 0 ? 0 : 0.5 * Math.atan2(2 * xy, xx - yy);
  return { mean, axes: [Math.sqrt(large), Math.sqrt(small)], angle };
}

/** The triangle (l11, l21, l22) of Cholesky, covariance = T T' with T = [[l11, 0], [l21, l22]]. */
export function triangle(q: Gaussian2): [number, number, number] {
  const [xx, xy] = covariance(q);
  const first = Math.sqrt(xx);
  return [first, xy / first, (q.axes[0] * q.axes[1]) / first];
}

/** The Gaussian of a mean and a triangle (l11, l21, l22), as a posterior `full` gives it. */
export function fromTriangle(mean: Pair, [l11, l21, l22]: readonly number[]): Gaussian2 {
  const xy = l11! * l21!;
  return fromCovariance(mean, [l11! ** 2, xy, l21! ** 2 + l22! ** 2]);
}

/** How many standard deviations z is from the mean along each axis, R'(z - mean) / axes. */
export function whiten(q: Gaussian2, x: number, y: number): [number, number] {
  const [c, s] = [Math.cos(q.angle), Math.sin(q.angle)];
  const [dx, dy] = [x - q.mean[0], y - q.mean[1]];
  return [(c * dx + s * dy) / q.axes[0], (c * dy - s * dx) / q.axes[1]];
}

/** log N(z; mean, covariance) = -|R'(z - m)/axes|^2 / 2 - log a b - log 2 pi, at z = (x, y). */
export function logDensity2(q: Gaussian2, x: number, y: number): number {
  const [u, v] = whiten(q, x, y);
  return -0.5 * (u * u + v * v) - Math.log(q.axes[0] * q.axes[1]) - 2 * LOG_SQRT_2PI;
}

/** KL(q || N(0, I)) = (|m|^2 + a^2 + b^2) / 2 - 1 - log a b: turning q costs nothing. */
export function klToStandard2(q: Gaussian2): number {
  const [[x, y], [a, b]] = [q.mean, q.axes];
  return 0.5 * (x * x + y * y + a * a + b * b) - 1 - Math.log(a * b);
}

/** The entropy -E_q[log q] = 1 + log 2 pi + log a b. */
export function entropy2(q: Gaussian2): number {
  return 1 + 2 * LOG_SQRT_2PI + Math.log(q.axes[0] * q.axes[1]);
}

/** z_k = mean + R (axes * eps_k) for rows of noise eps (K x 2): K draws of q, (K x 2). */
export function reparameterize2(q: Gaussian2, eps: Numbers): Float64Array {
  const [c, s] = [Math.cos(q.angle), Math.sin(q.angle)];
  const z = new Float64Array(eps.length);
  for (let i = 0; i < z.length; i += 2) {
    const [u, v] = [q.axes[0] * eps[i]!, q.axes[1] * eps[i + 1]!];
    z[i] = q.mean[0] + c * u - s * v;
    z[i + 1] = q.mean[1] + s * u + c * v;
  }
  return z;
}

/** Points (n x 2) around the ellipse `radius` standard deviations from the mean, not closed. */
export function ellipse(q: Gaussian2, n = 64, radius = 1): Float64Array {
  const around = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    around[2 * i] = radius * Math.cos((2 * Math.PI * i) / n);
    around[2 * i + 1] = radius * Math.sin((2 * Math.PI * i) / n);
  }
  return reparameterize2(q, around);
}

/**
 * The points of a manifold: the prior's quantiles Phi^-1(u) on an n x n grid, rows from the top
 * down, (n n x 2). Cell i of a side has the middle u = from + (to - from) (i + 1/2) / n.
 *
 * @param n Pictures along a side.
 * @param window The part of the unit square that is shown, [[left, right], [bottom, top]]; zooming
 *   is a smaller one.
 */
export function quantileGrid(
  n: number,
  window: readonly [Pair, Pair] = [
    [0, 1],
    [0, 1],
  ],
): Float64Array {
  const [[left, right], [bottom, top]] = window;
  const z = new Float64Array(2 * n * n);
  for (let row = 0; row < n; row++) {
    const up = normalQuantile(top - ((top - bottom) * (row + 0.5)) / n);
    for (let column = 0; column < n; column++) {
      const at = 2 * (row * n + column);
      z[at] = normalQuantile(left + ((right - left) * (column + 0.5)) / n);
      z[at + 1] = up;
    }
  }
  return z;
}
