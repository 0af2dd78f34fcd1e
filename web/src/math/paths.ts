/** Ways through the latent space, and their length. */

import type { Numbers } from './special';

/** How a way goes: straight, or along the arc around the origin. */
export type Way = 'linear' | 'spherical';

/** (1 - t) a + t b. */
export function lerp(a: Numbers, b: Numbers, t: number): Float64Array {
  return Float64Array.from({ length: a.length }, (_, d) => (1 - t) * a[d]! + t * b[d]!);
}

/**
 * sin((1 - t) w)/sin w a + sin(t w)/sin w b, with w the angle between a and b (Shoemake, 1985);
 * straight where both lie on one line through the origin, for then there is no arc to follow.
 */
export function slerp(a: Numbers, b: Numbers, t: number): Float64Array {
  let [product, first, second] = [0, 0, 0];
  for (let d = 0; d < a.length; d++) {
    product += a[d]! * b[d]!;
    first += a[d]! ** 2;
    second += b[d]! ** 2;
  }
  const length = Math.sqrt(first * second);
  const angle = Math.acos(Math.min(Math.max(length ? product / length : 1, -1), 1));
  const whole = Math.sin(angle);
  if (whole < 1e-6) return lerp(a, b, t);
  const [u, v] = [Math.sin((1 - t) * angle) / whole, Math.sin(t * angle) / whole];
  return Float64Array.from({ length: a.length }, (_, d) => u * a[d]! + v * b[d]!);
}

/**
 * Points on the way through all waypoints in turn, (steps x L), both ends included. Every stretch
 * between two waypoints takes an equal share of the steps.
 *
 * @param points Two waypoints or more, (L) each.
 * @param steps How many points, at least 2.
 */
export function path(
  points: readonly Numbers[],
  steps: number,
  way: Way = 'linear',
): Float64Array {
  if (points.length < 2 || steps < 2) {
    throw new RangeError(
      `There is no way of ${steps} steps through ${points.length} points: 2 at least of each.`,
    );
  }
  const dims = points[0]!.length;
  const found = new Float64Array(steps * dims);
  const between = way === 'linear' ? lerp : slerp;
  for (let i = 0; i < steps; i++) {
    const at = (i / (steps - 1)) * (points.length - 1);
    const stretch = Math.min(Math.floor(at), points.length - 2);
    found.set(between(points[stretch]!, points[stretch + 1]!, at - stretch), i * dims);
  }
  return found;
}

/** Euclidean length of a way through rows (n x L): of latents, or of what they decode to. */
export function pathLength(rows: Numbers, dims: number): number {
  let total = 0;
  for (let i = dims; i < rows.length; i += dims) {
    let square = 0;
    for (let d = 0; d < dims; d++) square += (rows[i + d]! - rows[i + d - dims]!) ** 2;
    total += Math.sqrt(square);
  }
  return total;
}
