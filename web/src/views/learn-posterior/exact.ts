/** p(z|x) of what is left of x: its cells, draws of it, and what is shown of it. */

import type { Camera } from '$components/scatter';
import type { Decodes } from '$lib/decodes.svelte';
import { posterior } from '$lib/gaussian';
import { around } from '$lib/truth';
import { fromDiagonal, type Gaussian2 } from '$math/gaussian2';
import { heatMap, masses, matched, negativeEntropy, refine, type Cells } from '$math/quadrature';
import type { Rng } from '$math/rng';

export interface Found {
  readonly x: Float32Array;
  /** The decoder, under its conditions, that it is of. */
  readonly by: Decodes;
  readonly cells: Cells;
  readonly matched: Gaussian2;
  readonly encoder: Gaussian2;
  readonly entropy: number;
  /** The square about both Gaussians. */
  readonly camera: Camera;
  /** p(z|x) over its maximum within that square, once it was asked for. */
  readonly close: Float32Array | undefined;
}

/** The least deviation that an encoder of `exp` is let say (`posterior/gaussian.py`), up to float32. */
export const isLeast = (deviation: number): boolean => Math.abs(deviation / Math.exp(-10) - 1) < 1e-5;

/** Whether an ellipse of two deviations is less than some three pixels of the square. */
export const isSpeck = ({ axes }: Gaussian2, { half }: Camera): boolean => 2 * Math.max(...axes) < 0.006 * half;

/** Compute p(z|x) where x may have gaps, NaN, for which the encoder sees the data's mean. */
export async function lookedAt(decodes: Decodes, x: Float32Array, signal: AbortSignal): Promise<Found> {
  const encoder = fromDiagonal(await posterior(decodes.model, x, decodes.c));
  const f = decodes.explaining(x, signal);
  const cells = await refine(f, 2, { probes: Float64Array.from(encoder.mean), signal });
  const middle = matched(cells);
  const camera = around(middle, [encoder]);
  const entropy = -negativeEntropy(cells);
  return { x, by: decodes, cells, matched: middle, encoder, entropy, camera, close: undefined };
}

/** The same with p(z|x) of its square, finer than the cells of the quadrature are there. */
export async function closely(found: Found, signal: AbortSignal): Promise<Found> {
  const { by, x, cells, camera: { x: cx, y: cy, half } } = found;
  const window = [[cx - half, cx + half], [cy - half, cy + half]] as const;
  const log = await heatMap(by.explaining(x, signal), 64, window, cells.logEvidence, { signal });
  const peak = log.reduce((a, b) => Math.max(a, b), -Infinity);
  return { ...found, close: Float32Array.from(log, (value) => Math.exp(value - peak)) };
}

/** p(z|x) over its maximum on n x n cells of a square, by the cells of its quadrature. */
export function painted(cells: Cells, camera: Camera, n: number): Float32Array {
  const mass = masses(cells);
  const found = new Float32Array(n * n);
  const pixel = (2 * camera.half) / n;
  const [left, top] = [camera.x - camera.half, camera.y + camera.half];
  for (let i = 0; i < mass.length; i++) {
    const side = Math.exp((cells.logVolume[i] ?? 0) / 2);
    const [x, y] = [cells.z[2 * i] ?? 0, cells.z[2 * i + 1] ?? 0];
    // A cell smaller than a pixel is spread over as much as a pixel.
    const half = Math.max(side, pixel) / 2;
    const density = (mass[i] ?? 0) / (4 * half * half);
    const columns = overlaps((x - half - left) / pixel, (x + half - left) / pixel, n);
    const rows = overlaps((top - y - half) / pixel, (top - y + half) / pixel, n);
    for (const [row, down] of rows) {
      for (const [column, across] of columns) found[row * n + column]! += density * down * across;
    }
  }
  const peak = found.reduce((a, b) => Math.max(a, b), 0);
  return found.map((value) => value / (peak || 1));
}

/** Which of n pixels lie between two places, and how much of each. */
function overlaps(from: number, to: number, n: number): [number, number][] {
  const all: [number, number][] = [];
  for (let i = Math.max(0, Math.floor(from)); i < Math.min(n, Math.ceil(to)); i++) {
    all.push([i, Math.min(to, i + 1) - Math.max(from, i)]);
  }
  return all;
}

/** k draws of p(z|x), (k x 2): a cell by its mass, and a place within it. */
export function drawn(cells: Cells, k: number, rng: Rng): Float32Array {
  const logMass = cells.logJoint.map((value, i) => value + (cells.logVolume[i] ?? 0));
  const z = new Float32Array(2 * k);
  for (let j = 0; j < k; j++) {
    const i = rng.categorical(logMass);
    const side = Math.exp((cells.logVolume[i] ?? 0) / 2);
    for (let d = 0; d < 2; d++) z[2 * j + d] = (cells.z[2 * i + d] ?? 0) + side * (rng.uniform() - 0.5);
  }
  return z;
}
