/** What the program behind the page makes of some groups of a ladder (`latentia/explorer/groups.py`). */

import { read } from '$lib/engine/remote';
import { page } from '$lib/page.svelte';
import { asked } from '$lib/source/served';

export interface Wanted {
  /** The place of the example. */
  readonly at: number;
  /** What the deviations of p(z) are multiplied by; 0 leaves its means. */
  readonly temperature: number;
  readonly seed: number;
  /** The group that is drawn anew, from 0; left out for the first groups one after the other. */
  readonly group?: number;
  /** Whether the groups below it follow, or stay as they are. */
  readonly follow?: boolean;
}

/** E[x|z] of the first 0, ..., G groups, (G + 1, D); or of draws of one group, (8, D). */
export async function shownBy(wanted: Wanted): Promise<Float32Array> {
  const said = Object.entries(wanted).map(([name, value]) => [name, String(value)] as [string, string]);
  const answer = await asked(`page-data/${page.source.place}groups?${new URLSearchParams(said).toString()}`);
  const { shown } = read(await answer.arrayBuffer());
  return shown?.data ?? new Float32Array(0);
}

/** Sums over each group of the numbers of one row (L) by latent. */
export function sums(each: ArrayLike<number>, sizes: readonly number[], from = 0): Float64Array {
  let at = from;
  return Float64Array.from(sizes, (size) => {
    let sum = 0;
    for (const end = at + size; at < end; at++) sum += each[at] ?? NaN;
    return sum;
  });
}
