import { page } from '$lib/page.svelte';

/** The mean of a few hundred examples: what the encoder sees in a gap at first. */
export async function average(): Promise<Float64Array> {
  const n = Math.min(250, page.description.examples.count);
  const x = await page.source.examples(Array.from({ length: n }, (_, i) => i), true);
  const mean = new Float64Array(page.size);
  x.forEach((value, i) => (mean[i % page.size] = (mean[i % page.size] as number) + value / n));
  return mean;
}
