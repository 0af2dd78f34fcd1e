/** What is measured of the means of q(z|x) of two latents, and of draws of N(0, I) among them. */

import { Plane } from '$math/neighbours';
import { column, mean, variance } from '$math/stats';

/** The circle that holds 99% of N(0, I) on the plane: P(|z| > r) = exp(-r²/2). */
export const RADIUS = Math.sqrt(-2 * Math.log(0.01));

export interface Cloud {
  /** √((var z₁ + var z₂) / 2) of the means. */
  readonly spread: number;
  /** How far the middle of all means is from 0. */
  readonly middle: number;
  /** The share of the means within `RADIUS` of 0. */
  readonly inside: number;
}

/** @param means  (n, 2). */
export function cloud(means: Float32Array): Cloud {
  const axes = [0, 1].map((d) => column(means, 2, d));
  let within = 0;
  for (let i = 0; i < means.length; i += 2) {
    if (Math.hypot(means[i] as number, means[i + 1] as number) <= RADIUS) within++;
  }
  return {
    spread: Math.sqrt(mean(axes.map((axis) => variance(axis)))),
    middle: Math.hypot(...axes.map((axis) => mean(axis))),
    inside: within / (means.length / 2),
  };
}

/** How far a mean has moved, on average over the examples: means (n, 2) before and now. */
export function moved(before: Float32Array, now: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < now.length; i += 2) {
    sum += Math.hypot(
      (now[i] as number) - (before[i] as number),
      (now[i + 1] as number) - (before[i + 1] as number),
    );
  }
  return sum / (now.length / 2);
}

/** The share of draws (m, 2) that are farther than a distance from every mean. */
export function lonely(draws: Float32Array, means: Plane, far: number): number {
  let alone = 0;
  for (let i = 0; i < draws.length; i += 2) {
    if (means.pick(draws[i] as number, draws[i + 1] as number, far) < 0) alone++;
  }
  return alone / (draws.length / 2);
}
