/** What is selected on the map, and how more of it is. */

import { announce } from '$lib/announce.svelte';
import { page } from '$lib/page.svelte';
import { NONE, rows, type Rows } from '$lib/sets.svelte';
import { codecs, field } from '$lib/state.svelte';
import { joined, type Join } from '$math/lasso';
import { text } from './text';

/** Labels that the drawer counts at most. */
export const LABELS = 10;

export type Tool = 'none' | 'lasso' | 'label' | 'number';

export const selected = field<Rows>('map.selected', rows, NONE);
export const tool = field<Tool>('map.tool', codecs.choice('none', 'lasso', 'label', 'number'), 'none');
export const join = field<Join>('map.join', codecs.choice('replace', 'add', 'subtract'), 'replace');

/** How tall the drawer is at least, px: its head, and its pictures or a line for each label. */
export function drawerHeight(): number {
  const { has_labels: hasLabels, labels } = page.description.examples;
  return 72 + Math.max(170, hasLabels ? 18 * Math.min(LABELS, labels.length) : 0);
}

/** Select some more, or other, or fewer. Shift adds and Alt takes away, whatever was chosen. */
export function take(fresh: Rows, keys?: { shiftKey: boolean; altKey: boolean }): void {
  const how = keys?.shiftKey ? 'add' : keys?.altKey ? 'subtract' : join.value;
  selected.value = joined(selected.value, fresh, how);
  announce(text.nSelected(selected.value.length));
}

export function invert(): void {
  const all = Uint32Array.from({ length: page.description.examples.count }, (_, i) => i);
  selected.value = joined(all, selected.value, 'subtract');
  announce(text.nSelected(selected.value.length));
}

/** The examples whose value is what is asked for. */
export function whose(values: ArrayLike<number>, is: (value: number) => boolean): Rows {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if (is(values[i] as number)) found.push(i);
  return Uint32Array.from(found);
}
