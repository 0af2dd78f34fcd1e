/** The latents of the rows: z in hand, and beside it those of examples or of the prior. */

import { text } from './text';
import { focus } from '$lib/focus.svelte';
import { coming, page } from '$lib/page.svelte';
import { Rng } from '$math/rng';

export type From = 'examples' | 'prior';

export interface Row {
  readonly z: ArrayLike<number>;
  readonly name: string;
  /** The example that it is of; null of a draw, and of a z that was moved. */
  readonly place: number | null;
}

export class Rows {
  readonly #mean = coming(page.array('mean'));
  readonly #prior = coming(page.array('prior'));

  /** Where they can come from. */
  readonly from: readonly From[] = $derived.by(() => {
    const { examples, prior } = page.description;
    const found: From[] = examples.count > 1 ? ['examples'] : [];
    const canDraw = prior.name === 'standard-normal' || (this.#prior.value?.data.length ?? 0) > 0;
    return canDraw ? [...found, 'prior'] : found;
  });

  /** So many rows, the first of them z in hand. */
  of(count: number, from: From, seed: number): readonly Row[] {
    const others = from === 'prior' ? this.#drawn(count - 1, seed) : this.#examples(count - 1, seed);
    const isMean = focus.example !== null && focus.z.every((v, d) => Math.abs(v - (focus.q?.mean[d] ?? NaN)) < 1e-4);
    return [{ z: focus.z, name: text.inHand, place: isMean ? focus.example : null }, ...others];
  }

  #examples(count: number, seed: number): Row[] {
    const mean = this.#mean.value?.data;
    const { latents, examples } = page.description;
    if (!mean) return [];
    const order = new Rng(seed, 40).permutation(examples.count);
    return Array.from(order)
      .filter((place) => place !== focus.example)
      .slice(0, count)
      .map((place) => ({ z: mean.subarray(latents * place, latents * (place + 1)), name: text.zOf(place), place }));
  }

  #drawn(count: number, seed: number): Row[] {
    const { latents, prior } = page.description;
    const rng = new Rng(seed, 41);
    const known = this.#prior.value?.data;
    return Array.from({ length: count }, (_, i) => {
      const row = known ? rng.integer(known.length / latents) : 0;
      const z = prior.name === 'standard-normal' || !known ? rng.normals(latents) : known.subarray(row * latents, (row + 1) * latents);
      return { z, name: text.draw(i + 1), place: null };
    });
  }
}
