/** Pictures as stamps on a canvas: ink alone where x is ink, so that what lies below shows. */

import { TONES, valuesOf } from '$lib/pictures';
import type { PictureLayout } from '$lib/source/description';

/** Return a picture x (C, H, W) as a small canvas. */
export function stamp(x: Float32Array, layout: PictureLayout, isDark: boolean): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [layout.width, layout.height];
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  const values = valuesOf(x, layout);
  const image = new ImageData(layout.width, layout.height);
  const { ink } = TONES[isDark ? 'dark' : 'light'];
  for (let i = 0; i < layout.width * layout.height; i++) {
    for (let k = 0; k < 3; k++) {
      const value = values[layout.channels === 3 ? 3 * i + k : i] ?? 0;
      image.data[4 * i + k] = layout.ink ? (ink[k] ?? 0) : 255 * value;
    }
    image.data[4 * i + 3] = layout.ink ? 255 * (values[i] ?? 0) : 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Return the pictures of rows x (n, D). */
export function stamps(x: Float32Array, layout: PictureLayout, isDark: boolean): HTMLCanvasElement[] {
  const size = layout.channels * layout.height * layout.width;
  return Array.from({ length: x.length / size }, (_, i) =>
    stamp(x.subarray(i * size, (i + 1) * size), layout, isDark),
  );
}
