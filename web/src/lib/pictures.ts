/** Values become pixels: ink on the page's paper, or the picture's own colours. */

import type { PictureLayout } from '$lib/source/description';

export interface Tones {
  readonly paper: readonly [number, number, number];
  readonly ink: readonly [number, number, number];
}

/** What pictures of ink are drawn with, on a light and on a dark page. */
export const TONES: Readonly<Record<'light' | 'dark', Tones>> = {
  light: { paper: [255, 255, 255], ink: [20, 20, 24] },
  dark: { paper: [11, 12, 14], ink: [244, 244, 246] },
};

/** Write values in 0..1, (H, W) or (H, W, 3), as pixels at a place of an image. */
export function paint(
  into: ImageData,
  left: number,
  top: number,
  values: ArrayLike<number>,
  { height, width, channels, ink }: PictureLayout,
  tones: Tones,
): void {
  const from = ink ? tones.paper : ([0, 0, 0] as const);
  const to = ink ? tones.ink : ([255, 255, 255] as const);
  for (let y = 0; y < height; y++) {
    let at = ((top + y) * into.width + left) * 4;
    for (let x = 0; x < width; x++, at += 4) {
      const place = (y * width + x) * channels;
      for (let k = 0; k < 3; k++) {
        const value = values[channels === 3 ? place + k : place] ?? 0;
        into.data[at + k] = (from[k] ?? 0) + value * ((to[k] ?? 0) - (from[k] ?? 0));
      }
      into.data[at + 3] = 255;
    }
  }
}

/** Return x (C, H, W) of one example, as the model has it, as values 0..1 in (H, W, C). */
export function valuesOf(x: Float32Array, layout: PictureLayout): Float32Array {
  const { channels, height, width, span } = layout;
  const [low, high] = span;
  const found = new Float32Array(x.length);
  const size = height * width;
  for (let k = 0; k < channels; k++) {
    for (let i = 0; i < size; i++) {
      const value = ((x[k * size + i] ?? 0) - low) / (high - low || 1);
      found[i * channels + k] = Math.min(1, Math.max(0, value));
    }
  }
  return found;
}

/** Return values as a picture of their own. */
export function image(values: ArrayLike<number>, layout: PictureLayout, tones: Tones): ImageData {
  const found = new ImageData(layout.width, layout.height);
  paint(found, 0, 0, values, layout, tones);
  return found;
}
