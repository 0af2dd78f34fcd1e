/** `window.__latentia`: the page's numbers, for tests that hold them against Python's. */

import { passes } from '$lib/engine/engine';
import { focus } from '$lib/focus.svelte';
import { page } from '$lib/page.svelte';
import { state } from '$lib/state.svelte';

export function openHook(ids: readonly string[]): void {
  const hook = {
    page,
    focus,
    state,
    passes,
    /** The views that this run can be seen by. */
    ids,
    /** Whether the model is open. */
    get ready(): boolean {
      return page.model !== undefined;
    },
    /** Numbers of a view that a test wants to see: written by the view under its own name. */
    views: {} as Record<string, unknown>,
  };
  Object.assign(window, { __latentia: hook });
}

/** Let tests see numbers of a view. */
export function expose(view: string, numbers: unknown): void {
  const hook = (window as { __latentia?: { views: Record<string, unknown> } }).__latentia;
  if (hook) hook.views[view] = numbers;
}
