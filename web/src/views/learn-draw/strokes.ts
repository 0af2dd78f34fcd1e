/** Strokes of a pen as a short text, so that a drawing is part of the link. */

import type { Codec } from '$lib/state.svelte';

/** x, y, x, y, ... each from 0 to SIDE - 1. */
export type Stroke = readonly number[];
/** The pad's own units: ten for a pixel of 28. */
export const SIDE = 280;

const two = (value: number): string =>
  Math.min(SIDE - 1, Math.max(0, Math.round(value)))
    .toString(36)
    .padStart(2, '0');

export const strokesCodec: Codec<readonly Stroke[]> = {
  read: (text) =>
    /^([0-9a-z]{4})+(\.([0-9a-z]{4})+)*$/.test(text)
      ? text.split('.').map((stroke) => (stroke.match(/../g) ?? []).map((one) => parseInt(one, 36)))
      : [],
  write: (strokes) => strokes.map((stroke) => stroke.map(two).join('')).join('.'),
};

/** A stroke with fewer points, none of those left out farther than `within` from it. */
export function simplified(stroke: Stroke, within = 1.2): Stroke {
  const last = stroke.length / 2 - 1;
  if (last < 2) return stroke;
  const [ax, ay, bx, by] = [stroke[0]!, stroke[1]!, stroke[2 * last]!, stroke[2 * last + 1]!];
  const length = Math.hypot(bx - ax, by - ay);
  let [farthest, at] = [0, 0];
  for (let i = 1; i < last; i++) {
    const [x, y] = [stroke[2 * i]! - ax, stroke[2 * i + 1]! - ay];
    const away = length ? Math.abs(x * (by - ay) - y * (bx - ax)) / length : Math.hypot(x, y);
    if (away > farthest) [farthest, at] = [away, i];
  }
  if (farthest <= within) return [ax, ay, bx, by];
  const first = simplified(stroke.slice(0, 2 * at + 2), within);
  return [...first.slice(0, -2), ...simplified(stroke.slice(2 * at), within)];
}
