/** What a function makes of N(0, I): Doersch's ring (2016, figure 2), and how round it is. */

import { mean, variance } from '$math/stats';

export const FORMS = ['ring', 'misprint'] as const;
export type Form = (typeof FORMS)[number];

/** g(z) of points (n x 2): z/10 + z/|z|, or z/(10 + |z|) as it is printed at times. */
export function pushed(z: ArrayLike<number>, form: Form): Float64Array {
  return Float64Array.from({ length: z.length }, (_, i) => {
    const at = i - (i % 2);
    const far = Math.hypot(z[at]!, z[at + 1]!);
    return form === 'ring' ? z[i]! / 10 + z[i]! / (far || 1) : z[i]! / (10 + far);
  });
}

/** On the way from one place to another: (1 - t) a + t b. */
export function between(a: ArrayLike<number>, b: ArrayLike<number>, t: number): Float64Array {
  return Float64Array.from({ length: a.length }, (_, i) => (1 - t) * a[i]! + t * b[i]!);
}

/** The deviation of the points' distances from the origin over their mean: 0 of a circle. */
export function spread(points: ArrayLike<number>): number {
  const far = Float64Array.from({ length: points.length / 2 }, (_, i) =>
    Math.hypot(points[2 * i]!, points[2 * i + 1]!),
  );
  return Math.sqrt(variance(far)) / mean(far);
}

/** Which of so many equal parts of the circle a point lies in. */
export function sector(x: number, y: number, parts: number): number {
  return Math.floor(((Math.atan2(y, x) / (2 * Math.PI) + 1) % 1) * parts) % parts;
}
