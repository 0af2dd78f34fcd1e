/**
 * A picture as a short text, so that an x of the user's own is part of the link: 8 bits for a pixel,
 * runs of the darkest and the lightest by their length, and a bit where there are no others.
 *
 * A drawn digit of 28 x 28 takes 132 characters in black and white, and some 400 in grey.
 */

import type { Codec } from './codecs';

export interface Shape {
  /** How many pixels there are. */
  readonly size: number;
  /** The values that are the darkest and the lightest. */
  readonly span: readonly [number, number];
}

const RUN = 255;
const toText = (bytes: readonly number[]): string =>
  btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const toBytes = (text: string): number[] =>
  Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));

/** Pixels of a shape that is known when they are read; nothing where there are no pictures. */
export function pixelsOf(shape: () => Shape | undefined): Codec<Float32Array | undefined> {
  return {
    read(text) {
      const now = shape();
      const [, kind, packed] = /^([bg])([\w-]+)$/.exec(text) ?? [];
      if (!now || !packed || packed.length % 4 === 1) return undefined;
      const { size, span: [low, high] } = now;
      const bytes = toBytes(packed);
      const levels = kind === 'b' ? bitsOf(bytes, size) : runsOf(bytes, size);
      return levels && Float32Array.from(levels, (level) => low + ((high - low) * level) / 255);
    },
    write(x) {
      const now = x && shape();
      if (!now) return '';
      const [low, high] = now.span;
      const levels = Array.from(x, (value) =>
        Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low || 1)))));
      const isPlain = levels.every((level) => level === 0 || level === 255);
      return isPlain ? `b${toText(asBits(levels))}` : `g${toText(asRuns(levels))}`;
    },
  };
}

function asBits(levels: readonly number[]): number[] {
  const bytes = Array<number>(Math.ceil(levels.length / 8)).fill(0);
  levels.forEach((level, i) => (bytes[i >> 3]! |= level ? 1 << (i & 7) : 0));
  return bytes;
}

function bitsOf(bytes: readonly number[], size: number): number[] | undefined {
  if (bytes.length !== Math.ceil(size / 8)) return undefined;
  return Array.from({ length: size }, (_, i) => (bytes[i >> 3]! & (1 << (i & 7)) ? 255 : 0));
}

/** After each 0 and each 255 it is said how many there are. */
function asRuns(levels: readonly number[]): number[] {
  const bytes: number[] = [];
  for (let i = 0; i < levels.length; ) {
    const level = levels[i]!;
    let n = 1;
    if (level === 0 || level === 255) {
      while (n < RUN && levels[i + n] === level) n++;
      bytes.push(level, n);
    } else bytes.push(level);
    i += n;
  }
  return bytes;
}

function runsOf(bytes: readonly number[], size: number): number[] | undefined {
  const levels: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const level = bytes[i]!;
    const n = level === 0 || level === 255 ? (bytes[++i] ?? 0) : 1;
    for (let k = 0; k < n; k++) levels.push(level);
  }
  return levels.length === size ? levels : undefined;
}
