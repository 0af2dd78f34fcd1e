/** The plane of two latents as a square, and the window of it that is seen. */

import { normalCdf, normalQuantile } from '$math/special';

/** How the square is laid over z: by the prior's quantiles, or evenly. */
export type Spacing = 'quantile' | 'even';
/** z at the edges of the even square. */
export const REACH = 3.3;

/** The middle of the window and half its side, in the square from 0 to 1; up is up. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly half: number;
}
export const WHOLE: Window = { x: 0.5, y: 0.5, half: 0.5 };
const CLOSEST = 0.002;

export const toZ = (t: number, spacing: Spacing): number =>
  spacing === 'even' ? REACH * (2 * t - 1) : normalQuantile(Math.min(1 - 1e-9, Math.max(1e-9, t)));

export const fromZ = (z: number, spacing: Spacing): number =>
  spacing === 'even' ? (z / REACH + 1) / 2 : normalCdf(z);

/** A window moved and made small enough to lie in the square. */
export function within({ x, y, half }: Window): Window {
  const kept = Math.min(0.5, Math.max(CLOSEST, half));
  const inside = (at: number): number => Math.min(1 - kept, Math.max(kept, at));
  return { x: inside(x), y: inside(y), half: kept };
}

/** A window enlarged by a factor, of which the point (x, y) of the square stays where it is. */
export function zoomed(window: Window, factor: number, x: number, y: number): Window {
  const half = Math.min(0.5, Math.max(CLOSEST, window.half * factor));
  const kept = half / window.half;
  return within({ x: x + (window.x - x) * kept, y: y + (window.y - y) * kept, half });
}

/** Centres of n cells along a side, rising. */
export const centres = (middle: number, half: number, n: number): number[] =>
  Array.from({ length: n }, (_, i) => middle - half + (2 * half * (i + 0.5)) / n);

/** The cells of an n x n grid, a coarse grid of them first, so that a picture comes early. */
export function coarseFirst(n: number): number[] {
  const level = (cell: number): number => {
    const [row, column] = [Math.floor(cell / n), cell % n];
    if (row % 4 === 2 && column % 4 === 2) return 0;
    return row % 2 === 0 && column % 2 === 0 ? 1 : 2;
  };
  return Array.from({ length: n * n }, (_, cell) => cell).sort((a, b) => level(a) - level(b) || a - b);
}

/** The prior's probability of a window of two latents. */
export function priorShare({ x, y, half }: Window, spacing: Spacing): number {
  const side = (at: number): number =>
    spacing === 'quantile'
      ? 2 * half
      : normalCdf(toZ(at + half, spacing)) - normalCdf(toZ(at - half, spacing));
  return side(x) * side(y);
}
