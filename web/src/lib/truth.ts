/** The true posterior of one x of a model of two latents: log p(x), where p(z|x) is, and q of the encoder. */

import type { Camera } from '$components/scatter';
import type { Decodes } from '$lib/decodes.svelte';
import { posterior } from '$lib/gaussian';
import type { LogLikelihood } from '$math/evaluate';
import { at, field, type Field } from '$math/field';
import { logStandard } from '$math/gaussian';
import { fromDiagonal, type Gaussian2 } from '$math/gaussian2';
import { matched, refine, type Cells, type Window } from '$math/quadrature';

export interface Truth {
  /** The place of the example; below 0 of an x of the user's own. */
  readonly place: number;
  /** x as its numbers are about it, (D,): black and white where it is drawn so. */
  readonly x: Float32Array;
  /** log p(x|z). */
  readonly f: LogLikelihood;
  /** log p(x), and the cells of its quadrature. */
  readonly cells: Cells;
  /** The Gaussian of the mean and covariance of p(z|x). */
  readonly matched: Gaussian2;
  /** q(z|x) as the encoder says it. */
  readonly encoder: Gaussian2;
  /** The square about both. */
  readonly camera: Camera;
  /** log p(x|z) within more than that square. */
  readonly near: Field;
}

/** Deviations of p(z|x) about its mean that the square shows, and of the encoder's q. */
const [SHOWN, OF_Q] = [4.6, 3];
/** The field beside the square, as a share of it; and its nodes along a side. */
const [BEYOND, NODES] = [1.45, 73];

/** The square that shows these Gaussians, the first in its middle. */
export function around(middle: Gaussian2, others: readonly Gaussian2[], least = 0): Camera {
  const [x, y] = middle.mean;
  const reaches = others.map(
    ({ mean, axes }) => Math.max(Math.abs(mean[0] - x), Math.abs(mean[1] - y)) + OF_Q * Math.max(...axes),
  );
  return { x, y, half: Math.max(least, SHOWN * Math.max(...middle.axes), ...reaches) };
}

const windowOf = ({ x, y, half }: Camera, by: number): Window => [
  [x - by * half, x + by * half],
  [y - by * half, y + by * half],
];

/** Compute it: some ten thousand decodes. */
export async function truthOf(
  decodes: Decodes,
  place: number,
  x: Float32Array,
  signal: AbortSignal,
): Promise<Truth> {
  const f = decodes.explaining(x, signal);
  const encoder = fromDiagonal(await posterior(decodes.model, x, decodes.c));
  signal.throwIfAborted();
  const probes = Float64Array.from(encoder.mean);
  const cells = await refine(f, 2, { probes, signal });
  const middle = matched(cells);
  const camera = around(middle, [encoder]);
  const near = await field(f, NODES, windowOf(camera, BEYOND), { signal });
  return { place, x, f, cells, matched: middle, encoder, camera, near };
}

/** Whether q lies within the field, four deviations of it. */
export function isNear({ near }: Truth, { mean, axes }: Gaussian2): boolean {
  const far = 4 * Math.max(...axes);
  return near.window.every(
    ([low, high], d) => (mean[d] ?? NaN) - far > low && (mean[d] ?? NaN) + far < high,
  );
}

/** p(z|x) over its maximum on n x n cells of a square, rows from the top down. */
export function shades({ near, cells }: Truth, camera: Camera, n: number): Float32Array {
  const found = new Float32Array(n * n).fill(-Infinity);
  const [[left, right], [bottom, top]] = near.window;
  const z = new Float64Array(2);
  const step = (2 * camera.half) / n;
  for (let i = 0; i < n * n; i++) {
    z[0] = camera.x - camera.half + ((i % n) + 0.5) * step;
    z[1] = camera.y + camera.half - (Math.floor(i / n) + 0.5) * step;
    const inside = z[0] > left && z[0] < right && z[1] > bottom && z[1] < top;
    if (inside) found[i] = at(near, z[0], z[1]) + logStandard(z);
  }
  let peak = -Infinity;
  for (const value of cells.logJoint) peak = Math.max(peak, value);
  return found.map((value) => Math.min(1, Math.exp(value - peak)));
}
