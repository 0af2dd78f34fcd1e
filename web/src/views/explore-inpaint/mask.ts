/** Which pixels are erased, by number in rows from the top. */

import { packedRows, unpackedRows, type Rows } from '$lib/sets.svelte';
import type { Codec } from '$lib/state.svelte';
import { Rng } from '$math/rng';

export interface Size {
  readonly height: number;
  readonly width: number;
}

export const maskCodec = ({ height, width }: Size): Codec<Rows> => ({
  read: (text) => unpackedRows(text, height * width),
  // Nothing is erased: none left out, none in.
  write: (rows) => packedRows(rows) || 'AA',
});

/** The pixels for which something holds. */
export function pixels(size: Size, is: (x: number, y: number) => boolean): Rows {
  const found: number[] = [];
  for (let i = 0; i < size.height * size.width; i++) {
    if (is(i % size.width, Math.floor(i / size.width))) found.push(i);
  }
  return Uint32Array.from(found);
}

export const PRESETS = ['lower', 'right', 'middle', 'random', 'none'] as const;
export type Preset = (typeof PRESETS)[number];

export function preset(name: Preset, size: Size): Rows {
  const { height, width } = size;
  const rng = new Rng(height * width, 7);
  const inner = (at: number, of: number): boolean => at >= of * 0.32 && at < of * 0.68;
  return pixels(size, (x, y) => {
    if (name === 'lower') return y >= height / 2;
    if (name === 'right') return x >= width / 2;
    if (name === 'middle') return inner(x, width) && inner(y, height);
    return name === 'random' && rng.uniform() < 0.5;
  });
}
