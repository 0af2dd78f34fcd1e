/** The two sides of a direction: set A or B, the examples of a label, or all others. */

import { page } from '$lib/page.svelte';
import { plane } from '$lib/places.svelte';
import { NONE, sets, type Rows } from '$lib/sets.svelte';
import { py } from '$lib/python';
import { joined } from '$math/lasso';

/** `a`, `b`, `l3` (label 3) or `rest`. */
export type Side = string;

export const isSide = (text: string): boolean => /^(a|b|rest|l\d+)$/.test(text);

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

/** More than these stand in no line of Python. */
const MOST = 400;

/** The lines that say which rows of the data set are a side's: `name = ...`. */
export function saidRows(name: string, rows: Rows, row: ArrayLike<number> | undefined): string {
  const at = Array.from(rows, (place) => row?.[place] ?? place);
  return at.length <= MOST
    ? `${name} = ${py(at)}`
    : `${name} = np.loadtxt("${name}.txt", int)  # the rows of the set, saved from the map`;
}
