/** The two sides of a direction: set A or B, the examples of a label, or all others. */

import { page } from '$lib/page.svelte';
import { plane } from '$lib/places.svelte';
import { NONE, sets, type Rows } from '$lib/sets.svelte';
import { selecting } from '$lib/python';
import type { Codec } from '$lib/state.svelte';
import { joined } from '$math/lasso';

/** `a`, `b`, `l3` (label 3) or `rest`. */
export type Side = string;

/** One that the run has: of labels those that have a name. */
export const sideCodec: Codec<Side> = {
  read: (text) => {
    const label = /^l(\d+)$/.exec(text);
    if (label) return Number(label[1]) < page.description.examples.labels.length ? text : undefined;
    return ['a', 'b', 'rest'].includes(text) ? text : undefined;
  },
  write: (side) => side,
};

/** The members of a side that is not `rest`. */
function own(side: Side): Rows {
  if (side === 'a' || side === 'b') return sets[side].value;
  const { label } = plane;
  if (!side.startsWith('l') || !label) return NONE;
  const k = Number(side.slice(1));
  const found: number[] = [];
  for (let i = 0; i < label.length; i++) if (label[i] === k) found.push(i);
  return Uint32Array.from(found);
}

/** The members of a side, given the other. */
export function members(side: Side, other: Side): Rows {
  if (side !== 'rest') return own(side);
  const all = Uint32Array.from({ length: page.description.examples.count }, (_, i) => i);
  return joined(all, own(other), 'subtract');
}

/** A side in Python, of X and y as the page shows them. */
export function saidSide(side: Side, other: Side): string {
  if (side.startsWith('l')) return `y == ${side.slice(1)}`;
  if (side === 'rest' && other.startsWith('l')) return `y != ${other.slice(1)}`;
  return selecting(members(side, other));
}
