/**
 * Sets of examples that views share, A and B, and the directions that were made of them. They are
 * the page's and not one view's: a set drawn on the map is what attributes are made of.
 */

import { page } from '$lib/page.svelte';
import { field, type Codec } from '$lib/state.svelte';

export type Rows = Uint32Array;

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A number in digits of five bits, the lowest first; the sixth bit says that more follow. */
function written(value: number): string {
  let text = '';
  let left = value;
  do {
    const more = left >= 32 ? 32 : 0;
    text += DIGITS[(left & 31) | more];
    left >>>= 5;
  } while (left > 0);
  return text;
}

/** Rising numbers as runs in turn: so many left out, so many in. */
export function packedRows(rows: Rows): string {
  let text = '';
  let next = 0;
  for (let i = 0; i < rows.length; ) {
    const first = rows[i] as number;
    let size = 1;
    while (rows[i + size] === first + size) size++;
    text += written(first - next) + written(size);
    next = first + size;
    i += size;
  }
  return text;
}

/** What `packedRows` wrote, those below `count`; nothing of a text that it did not write. */
export function unpackedRows(text: string, count: number): Rows | undefined {
  const found: number[] = [];
  let [value, shift, at, isIn] = [0, 0, 0, false];
  for (const letter of text) {
    const digit = DIGITS.indexOf(letter);
    if (digit < 0 || shift > 25) return undefined;
    value += (digit & 31) * 2 ** shift;
    shift += 5;
    if (digit & 32) continue;
    const end = at + value;
    if (isIn) for (let i = at; i < Math.min(end, count); i++) found.push(i);
    [value, shift, at, isIn] = [0, 0, end, !isIn];
  }
  return shift || isIn ? undefined : Uint32Array.from(found);
}

export const rows: Codec<Rows> = {
  read: (text) => unpackedRows(text, page.description.examples.count),
  write: packedRows,
};

export const NONE: Rows = new Uint32Array(0);

/** A direction of the latent space with a name: a slider of its own. */
export interface Direction {
  readonly name: string;
  /** What strength 1 adds to z, (L,). */
  readonly along: readonly number[];
}

const named: Codec<readonly Direction[]> = {
  read: (text) => {
    const found = text.split(';').filter(Boolean).map((one): Direction => {
      const [name = '', values = ''] = one.split(':');
      return { name: decodeURIComponent(name), along: values.split(',').map(Number) };
    });
    const { latents } = page.description;
    return found.filter(
      ({ name, along }, i) =>
        along.length === latents &&
        along.every((value) => Number.isFinite(value)) &&
        found.findIndex((other) => other.name === name) === i,
    );
  },
  write: (all) =>
    all
      .map(({ name, along }) => {
        const values = along.map((value) => Math.round(value * 1e5) / 1e5 || 0);
        return `${encodeURIComponent(name)}:${values.join(',')}`;
      })
      .join(';'),
};

export const sets = {
  a: field<Rows>('a', rows, NONE),
  b: field<Rows>('b', rows, NONE),
  directions: field<readonly Direction[]>('directions', named, []),
};
