/**
 * The x that a lesson is about, as log p(x|z) takes it, with q(z|x) of this very x.
 *
 * It is the example in hand, or the first one where none is, or the user's own x. Where the model
 * draws black and white (`dynamic`), it is that draw, the one that the numbers of Python are about.
 */

import { focus } from '$lib/focus.svelte';
import { posterior } from '$lib/gaussian';
import { coming, page } from '$lib/page.svelte';
import type { Diagonal } from '$math/gaussian';

export interface Seen {
  /** Place among the examples, or null of the user's own. */
  readonly place: number | null;
  /** (D,), as the likelihood takes it. */
  readonly x: Float32Array;
  readonly q: Diagonal;
}

/** The user's own x as the likelihood takes it: black or white where the model draws it so. */
export const observedOf = (own: Float32Array): Float32Array =>
  page.description.x.binarize === 'dynamic' ? own.map((value) => (value > 0.5 ? 1 : 0)) : own;

export class Observed {
  /** Nothing until the model is open, and where there are no examples. */
  now = $state.raw<Seen>();
  error = $state.raw<Error>();
  readonly #rows = coming(page.array('row'));

  /** The example that is meant, whether or not it is here yet. */
  get place(): number | null {
    if (focus.isOwn && focus.x) return null;
    return focus.example ?? (page.description.examples.count ? 0 : null);
  }

  /** Its row in the data set, for Python. */
  get row(): number | undefined {
    const { place } = this;
    return place === null ? undefined : this.#rows.value?.data[place];
  }

  async look(place: number | null, own: Float32Array | undefined, signal: AbortSignal): Promise<void> {
    const { model } = page;
    if (!model || (place === null && !own)) return;
    const c = focus.cRow;
    try {
      const x = own
        ? observedOf(own)
        : await page.source.examples([place ?? 0], true);
      const q = await posterior(model, x, c);
      if (signal.aborted) return;
      this.now = { place, x, q };
      this.error = undefined;
    } catch (error) {
      if (!signal.aborted) this.error = error instanceof Error ? error : new Error(String(error));
    }
  }
}

/** Follow what is looked at; called where effects can be. */
export function observe(): Observed {
  const found = new Observed();
  $effect(() => {
    const stop = new AbortController();
    void page.model;
    void focus.cRow;
    void found.look(found.place, focus.isOwn ? focus.x : undefined, stop.signal);
    return () => stop.abort();
  });
  return found;
}
