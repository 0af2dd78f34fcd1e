/** Draws of z: of N(0, I), of p(z|c) under a c, or one of the model's own draws of another prior. */

import type { Model } from '$lib/engine/engine';
import { coming, page } from '$lib/page.svelte';
import { isGiven } from '$lib/suits';
import type { Rng } from '$math/rng';

export class Prior {
  readonly #own = coming(page.array('prior'));
  /** Whether it is p(z|c). */
  readonly isGiven = isGiven(page.description);
  readonly #isNormal = page.description.prior.name === 'standard-normal';

  /** Whether anything can be drawn. */
  readonly canDraw = $derived(
    this.#isNormal || (this.isGiven && page.model !== undefined) || (this.#own.value?.data.length ?? 0) > 0,
  );

  /** So many rows, (n, L); of p(z|c) in its deviations, which `under` makes z. */
  draw(n: number, rng: Rng): Float64Array {
    const { latents } = page.description;
    const known = this.#own.value?.data;
    if (this.#isNormal || this.isGiven || !known) return rng.normals(n * latents);
    const found = new Float64Array(n * latents);
    for (let i = 0; i < n; i++) {
      const row = rng.integer(known.length / latents);
      found.set(known.subarray(row * latents, (row + 1) * latents), i * latents);
    }
    return found;
  }

  /** z = mu(c) + sigma(c) eps of rows eps (n, L) under c, (C,) or (n, C); eps itself where z is no p(z|c). */
  async under(eps: ArrayLike<number>, c: Float32Array | undefined): Promise<Float32Array> {
    const { model } = page;
    return this.isGiven && model && c ? drawnGiven(model, eps, c) : Float32Array.from(eps);
  }

  /** eps of rows z under c: the way back. */
  async apart(z: ArrayLike<number>, c: Float32Array | undefined): Promise<Float32Array> {
    const { model } = page;
    if (!this.isGiven || !model || !c) return Float32Array.from(z);
    const [loc, scale] = await moments(model, c);
    return Float32Array.from(z, (value, i) => (value - loc[i % loc.length]!) / scale[i % loc.length]!);
  }
}

/** z = mu(c) + sigma(c) eps of p(z|c) by a model, of rows eps (n, L) under c, (C,) or (n, C). */
export async function drawnGiven(model: Model, eps: ArrayLike<number>, c: Float32Array): Promise<Float32Array> {
  const [loc, scale] = await moments(model, c);
  return Float32Array.from(eps, (value, i) => loc[i % loc.length]! + scale[i % loc.length]! * value);
}

async function moments(model: Model, c: Float32Array): Promise<[Float32Array, Float32Array]> {
  const { loc, scale } = await model.prior(c);
  if (!loc || !scale) throw new Error('this prior is no Gaussian of c');
  return [loc.data, scale.data];
}
