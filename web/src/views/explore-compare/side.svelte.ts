/** One of the two models: where it puts examples, what they are worth to it, and what it decodes. */

import { untrack } from 'svelte';
import { focus } from '$lib/focus.svelte';
import { coming, page, type Coming, type NumberArray, type Shown } from '$lib/page.svelte';
import { PlaneOf } from '$lib/places.svelte';
import { isStandard } from '$lib/suits';
import { Rng } from '$math/rng';

const NAMES = ['elbo', 'reconstruction', 'kl', 'c', 'prior', 'row'] as const;
type Name = (typeof NAMES)[number];

export class Side {
  readonly plane: PlaneOf;
  #arrays = $state.raw<Partial<Record<Name, Coming<NumberArray | undefined>>>>();

  constructor(
    readonly shown: Shown,
    readonly name: string,
    /** Among the runs of the page, 0 of its own. */
    readonly place: number,
  ) {
    this.plane = new PlaneOf(() => shown);
  }

  /** Send for its arrays, once it is looked at. */
  start(): void {
    this.plane.start();
    if (untrack(() => this.#arrays)) return;
    this.#arrays = Object.fromEntries(NAMES.map((name) => [name, coming(this.shown.array(name))]));
  }

  array(name: Name): Float32Array | Int32Array | undefined {
    return this.#arrays?.[name]?.value?.data;
  }

  get told(): Shown['description'] {
    return this.shown.description;
  }

  /** The means of q(z|x) of some examples, (k, L). */
  means(places: readonly number[]): Float32Array | undefined {
    const { mean } = this.plane;
    return mean && picked(mean, places, this.told.latents);
  }

  /**
   * E[x|z] of points (k, L), under the conditions of as many examples, or of one; (k, D). Nothing
   * where the model is not here, or nobody knows its conditions.
   */
  async decode(z: Float32Array, places: readonly number[]): Promise<Float32Array | undefined> {
    const c = this.#given(places);
    return c || !this.told.conditions.length ? this.shown.model?.shown(z, c) : undefined;
  }

  /** As many draws of p(z), (k, L), the same from one seed; nothing where there is no prior. */
  draws(k: number, seed: number): Float32Array | undefined {
    const { latents } = this.told;
    if (isStandard(this.told)) return Float32Array.from(new Rng(seed, 7).normals(k * latents));
    const prior = this.array('prior');
    const order = prior && new Rng(seed, 7).permutation(prior.length / latents);
    return order && picked(prior, [...order.subarray(0, k)], latents);
  }

  #given(places: readonly number[]): Float32Array | undefined {
    const { conditions, examples } = this.told;
    if (!conditions.length) return undefined;
    const c = this.array('c');
    if (c && places.length) return picked(c, places, c.length / examples.count);
    // What is set on the page is about its own model.
    const isSame = JSON.stringify(conditions) === JSON.stringify(page.run.description.conditions);
    return isSame ? focus.cRow : undefined;
  }
}

/** Return some rows of a matrix (n, width). */
function picked(data: Float32Array | Int32Array, places: readonly number[], width: number): Float32Array {
  const found = new Float32Array(places.length * width);
  places.forEach((place, i) => found.set(data.subarray(place * width, (place + 1) * width), i * width));
  return found;
}
