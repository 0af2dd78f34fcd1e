/** Where examples lie on a plane of the latent space: that of two latents, or of the components. */

import { untrack } from 'svelte';
import { ofClass, packed } from '$lib/colour';
import { page, type Shown } from '$lib/page.svelte';
import { planeOf, project, reachOf, type Projection } from '$lib/projection';
import { themes } from '$lib/theme.svelte';

export class PlaneOf {
  mean = $state.raw<Float32Array>();
  label = $state.raw<Float32Array | Int32Array>();
  /** Whether they could not be had, which the page says. */
  hasFailed = $state(false);
  #begun: Shown | undefined;
  readonly #find: () => Shown;

  /** @param find  Returns the model whose space it is, which may be another at another epoch. */
  constructor(find: () => Shown) {
    this.#find = find;
  }

  /** Send for what it needs, once for each model. */
  start(): void {
    const of = untrack(this.#find);
    if (this.#begun === of) return;
    this.#begun = of;
    this.mean = undefined;
    this.hasFailed = false;
    Promise.all([of.array('mean'), of.array('label')]).then(
      ([mean, label]) => {
        if (this.#begun !== of) return;
        this.mean = mean?.data as Float32Array | undefined;
        this.label = label?.data;
      },
      // To be asked for again by whoever begins anew.
      () => {
        if (this.#begun !== of) return;
        this.#begun = undefined;
        this.hasFailed = true;
      },
    );
  }

  readonly projection: Projection = $derived.by(() =>
    planeOf(this.mean, this.#find().description.latents),
  );

  readonly points: Float32Array = $derived(
    this.mean ? project(this.mean, this.projection) : new Float32Array(0),
  );

  /** Half of what is to be seen, data units. */
  readonly half: number = $derived(1.05 * Math.max(reachOf(this.points), 2.6));

  /** Points in the pale colours of their labels, for what lies over them is what counts. */
  readonly pale: Uint32Array = $derived.by(() => {
    const grey = packed(themes.isDark ? [120, 122, 130] : [140, 140, 148], 110);
    return Uint32Array.from({ length: this.points.length / 2 }, (_, i) => {
      const k = this.label?.[i];
      return k === undefined ? grey : packed(ofClass(k, themes.isDark), 120);
    });
  });
}

export const plane = new PlaneOf(() => page.now);
