/** Pictures one after another, as a strip (PNG) or a film (GIF) that the page makes itself. */

import { applyPalette, GIFEncoder, quantize } from 'gifenc';
import { page } from '$lib/page.svelte';
import { paint, valuesOf } from '$lib/pictures';
import { themes } from '$lib/theme.svelte';

/** One picture, each of its pixels a square of so many. */
function enlarged(x: Float32Array, scale: number): ImageData {
  const layout = page.description.picture;
  if (!layout) throw new Error('x is no picture');
  const { height, width } = layout;
  const small = new ImageData(width, height);
  paint(small, 0, 0, valuesOf(x, layout), layout, themes.tones);
  const large = new ImageData(width * scale, height * scale);
  const [from, to] = [new Uint32Array(small.data.buffer), new Uint32Array(large.data.buffer)];
  for (let i = 0; i < to.length; i++) {
    const [row, column] = [Math.floor(i / large.width), i % large.width];
    to[i] = from[Math.floor(row / scale) * width + Math.floor(column / scale)] ?? 0;
  }
  return large;
}

/** So many screen pixels for one of the picture that it is about 200 high. */
function scaleOf(): number {
  return Math.max(1, Math.round(196 / (page.description.picture?.height ?? 196)));
}

const rowsOf = (x: Float32Array): Float32Array[] =>
  Array.from({ length: x.length / page.size }, (_, i) =>
    x.subarray(i * page.size, (i + 1) * page.size),
  );

/** Pictures x (n, D) side by side. */
export async function strip(x: Float32Array): Promise<Blob> {
  const frames = rowsOf(x).map((row) => enlarged(row, Math.max(1, Math.round(scaleOf() / 2))));
  const [first] = frames;
  if (!first) throw new Error('there are no pictures');
  const gap = 4;
  const canvas = new OffscreenCanvas(frames.length * (first.width + gap) - gap, first.height);
  const context = canvas.getContext('2d');
  frames.forEach((frame, i) => context?.putImageData(frame, i * (first.width + gap), 0));
  return canvas.convertToBlob({ type: 'image/png' });
}

/**
 * Pictures x (n, D) as a film that goes there and back for ever.
 *
 * @param delay  Milliseconds of each.
 */
export function film(x: Float32Array, delay = 60): Blob {
  const encoder = GIFEncoder();
  const frames = rowsOf(x);
  const order = [...frames.keys(), ...[...frames.keys()].slice(1, -1).reverse()];
  const { channels = 1 } = page.description.picture ?? {};
  const tones = themes.tones;
  const [paper, ink] = page.description.picture?.ink
    ? [tones.paper, tones.ink]
    : [[0, 0, 0], [255, 255, 255]];
  // All tones between two, so that no shade of a grey picture is lost.
  const greys = Array.from({ length: 256 }, (_, i) =>
    [0, 1, 2].map((k) => Math.round((paper[k] ?? 0) + (i / 255) * ((ink[k] ?? 0) - (paper[k] ?? 0)))),
  );
  order.forEach((place, i) => {
    const { data, width, height } = enlarged(frames[place] as Float32Array, scaleOf());
    if (channels === 1) {
      const [dark, bright] = [paper[0] ?? 0, ink[0] ?? 255];
      const index = new Uint8Array(width * height);
      for (let p = 0; p < index.length; p++) {
        index[p] = Math.round((255 * ((data[4 * p] ?? 0) - dark)) / (bright - dark));
      }
      encoder.writeFrame(index, width, height, { delay, ...(i ? {} : { palette: greys, repeat: 0 }) });
    } else {
      const palette = quantize(data, 256);
      encoder.writeFrame(applyPalette(data, palette), width, height, { palette, delay, repeat: 0 });
    }
  });
  encoder.finish();
  return new Blob([encoder.bytes()], { type: 'image/gif' });
}
