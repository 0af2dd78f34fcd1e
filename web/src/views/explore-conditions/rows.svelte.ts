/** The latents of the rows: z in hand, and beside it those of examples or of the prior. */

import { text } from './text';
import type { Values } from '$lib/conditions';
import { focus } from '$lib/focus.svelte';
import { coming, page } from '$lib/page.svelte';
import type { Prior } from '$lib/prior.svelte';
import { Rng } from '$math/rng';

export type From = 'examples' | 'prior';

export interface Row {
  readonly z: ArrayLike<number>;
  /** The c that it is a z of, which p(z|c) is about; nothing of a draw, which is in deviations. */
  readonly c?: Values;
  readonly name: string;
  /** The example that it is of; null of a draw, and of a z that was moved. */
  readonly place: number | null;
}

export class Rows {
  readonly #mean = coming(page.array('mean'));

  constructor(readonly prior: Prior) {}

  /** Where they can come from. */
  readonly from: readonly From[] = $derived.by(() => {
    const found: From[] = page.description.examples.count > 1 ? ['examples'] : [];
    return this.prior.canDraw ? [...found, 'prior'] : found;
  });

  /** So many rows, the first of them z in hand. */
  of(count: number, from: From, seed: number): readonly Row[] {
    const others = from === 'prior' ? this.#drawn(count - 1, seed) : this.#examples(count - 1, seed);
    const { z, c, example } = focus;
    const isMean = example !== null && focus.isAtMean;
    // The mean of q is one under the example's own c, whatever c is in hand.
    const of = isMean ? (focus.ownC ?? c) : c;
    return [{ z, c: of, name: text.inHand, place: isMean ? example : null }, ...others];
  }

  #examples(count: number, seed: number): Row[] {
    const mean = this.#mean.value?.data;
    const { latents, examples } = page.description;
    if (!mean) return [];
    const order = new Rng(seed, 40).permutation(examples.count);
    return Array.from(order)
      .filter((place) => place !== focus.example)
      .slice(0, count)
      .map((place) => ({
        z: mean.subarray(latents * place, latents * (place + 1)),
        c: focus.cOf(place) ?? focus.c,
        name: text.zOf(place),
        place,
      }));
  }

  #drawn(count: number, seed: number): Row[] {
    const { latents } = page.description;
    if (!this.prior.canDraw) return [];
    const all = this.prior.draw(count, new Rng(seed, 41));
    return Array.from({ length: count }, (_, i) => ({
      z: all.subarray(i * latents, (i + 1) * latents),
      name: text.draw(i + 1),
      place: null,
    }));
  }
}
