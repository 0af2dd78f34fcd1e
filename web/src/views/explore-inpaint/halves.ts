/** The page's model as `math/inpaint.ts` takes it. */

import { page } from '$lib/page.svelte';
import type { Model } from '$lib/engine/engine';
import type { Halves } from '$math/inpaint';

export function halvesOf(model: Model): Halves {
  return {
    dims: model.latents,
    likelihood: page.description.likelihood.name,
    async encode(x) {
      const { loc, scale } = await model.encode(Float32Array.from(x));
      if (!loc || !scale) throw new Error('the encoder says no mean and deviation');
      return { mean: loc.data, sd: scale.data };
    },
    async decode(z) {
      const found = await model.decode(Float32Array.from(z), undefined, { urgent: true });
      return Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, data]));
    },
  };
}

/** The mean of a few hundred examples: what the encoder sees in a gap at first. */
export async function average(): Promise<Float64Array> {
  const n = Math.min(250, page.description.examples.count);
  const x = await page.source.examples(Array.from({ length: n }, (_, i) => i), true);
  const mean = new Float64Array(page.size);
  x.forEach((value, i) => (mean[i % page.size] = (mean[i % page.size] as number) + value / n));
  return mean;
}
