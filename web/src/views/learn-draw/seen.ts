/** From a drawing to x as the model takes it. */

import { page } from '$lib/page.svelte';
import { asMnist, blank, drawn, inverted, scaled, shifted, type Image } from '$math/drawing';
import { Rng } from '$math/rng';
import type { Numbers } from '$math/special';
import { SIDE, type Stroke } from './strokes';

/** The width of the pen, of 280, and the pixels that it is drawn with before it is made small. */
export const PEN = 24;
const FINE = 112;

/** Strokes as an image of 28 x 28, normalised as MNIST was. */
export function normalised(strokes: readonly Stroke[]): Image {
  const scale = FINE / SIDE;
  return asMnist(drawn(strokes.map((stroke) => stroke.map((at) => at * scale)), FINE, PEN * scale));
}

/** Values of x between 0 and 1, as an image. */
export function imageOf(x: Float32Array): Image {
  const [low, high] = page.description.picture?.span ?? [0, 1];
  const image = blank(28);
  image.pixels.set(x.map((value) => (value - low) / (high - low || 1)));
  return image;
}

export interface Change {
  readonly right: number;
  readonly down: number;
  readonly size: number;
  readonly isInverted: boolean;
}

export const isChanged = ({ right, down, size, isInverted }: Change): boolean =>
  right !== 0 || down !== 0 || size !== 1 || isInverted;

export function changed(image: Image, { right, down, size, isInverted }: Change): Image {
  let found = image;
  if (size !== 1) found = scaled(found, size);
  if (right || down) found = shifted(found, right, down);
  return isInverted ? inverted(found) : found;
}

/** Grey made black and white as the model was trained: by the same coins for every drawing. */
export function binarized(grey: Numbers): Float32Array {
  const { x, picture } = page.description;
  if (x.binarize === 'threshold') return Float32Array.from(grey, (value) => (value >= 0.5 ? 1 : 0));
  if (x.binarize === 'dynamic') {
    const coins = new Rng(0, 1).uniforms(grey.length);
    return Float32Array.from(grey, (value, i) => (coins[i]! < value ? 1 : 0));
  }
  const [low, high] = picture?.span ?? [0, 1];
  return Float32Array.from(grey, (value) => low + value * (high - low));
}
