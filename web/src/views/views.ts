/**
 * The views: every folder of `src/views/` that has a `view.ts` is one, and is registered nowhere.
 */

import type { Component } from 'svelte';
import type { Description } from '$lib/source/description';

export type Section = 'learn' | 'explore' | 'train';

export interface View {
  /** `section/name`; what stands in the URL, and before the names of its own fields. */
  readonly id: `${Section}/${string}`;
  /** Its place in its section. */
  readonly order: number;
  /** A dictionary: what the view is called, and one sentence under its title. */
  readonly text: { readonly title: string; readonly lead: string };
  /** Whether this run can be seen so; the view is left out of the rail where it cannot. */
  readonly suits?: (description: Description) => boolean;
  /** Whether it works on the first example where none is chosen, which the inspector then shows. */
  readonly takesFirst?: boolean;
  /** Whether the whole width is the view's own, without the inspector. */
  readonly isWide?: boolean;
  /** Whether it shows another epoch as it stands; others are made anew. */
  readonly follows?: boolean;
  /** Whether it has a scrubber of the epochs itself, so that the top bar has none. */
  readonly scrubs?: boolean;
  /** Its component, which takes no properties. */
  readonly load: () => Promise<{ default: Component }>;
}

const modules = import.meta.glob<{ view: View }>('./*/view.ts', { eager: true });
const order: readonly Section[] = ['learn', 'explore', 'train'];

export const views: readonly View[] = Object.values(modules)
  .map(({ view }) => view)
  .sort((a, b) => order.indexOf(sectionOf(a)) - order.indexOf(sectionOf(b)) || a.order - b.order);

/** Return where a lesson leads: to the next of those there are, and the last of them to Explore. */
export function nextOf(there: readonly View[], view: View): View | undefined {
  if (sectionOf(view) !== 'learn') return undefined;
  return there.slice(there.indexOf(view) + 1).find((one) => sectionOf(one) !== 'train');
}

/** Whether a run can be seen so; beside a training there is no model yet to be explored. */
export function fits(view: View, told: Description): boolean {
  return (view.suits?.(told) ?? true) && (!told.is_training || sectionOf(view) === 'train');
}

export function sectionOf(view: View): Section {
  return view.id.split('/')[0] as Section;
}
