/** Which pixels of a picture are erased: (H x W), 1 where one is. */

import type { Rows } from '$lib/sets.svelte';

/** A mask with all pixels erased, or given back, whose centres are within a radius of the line from a to b. */
export function brushed(
  mask: Uint8Array,
  width: number,
  [ax, ay]: readonly [number, number],
  [bx, by]: readonly [number, number],
  radius: number,
  isErasing = true,
): Uint8Array {
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  return mask.map((value, at) => {
    const [x, y] = [(at % width) + 0.5 - ax, Math.floor(at / width) + 0.5 - ay];
    const t = square ? Math.min(1, Math.max(0, (x * dx + y * dy) / square)) : 0;
    return Math.hypot(x - t * dx, y - t * dy) <= radius ? Number(isErasing) : value;
  });
}

/** The mask of these pixels, and the pixels of a mask, by number. */
export function maskOf(pixels: Rows, size: number): Uint8Array {
  const mask = new Uint8Array(size);
  for (const i of pixels) mask[i] = 1;
  return mask;
}
export const pixelsOf = (mask: Uint8Array): Rows =>
  Uint32Array.from(Array.from(mask.keys()).filter((i) => mask[i]));
