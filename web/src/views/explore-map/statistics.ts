/** What the members of a selection have in common. */

import { page } from '$lib/page.svelte';
import { Rng } from '$math/rng';
import type { Rows } from '$lib/sets.svelte';

/** Examples that are sent for at once. */
const EACH = 250;
/** Members whose mean is taken at most; of more, so many by chance. */
export const MOST = 2000;

export interface Moments {
  /** (D,) each. */
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
  /** How many examples they are of. */
  readonly of: number;
}

/** Some members by chance, the same for the same selection, in rising order. */
export function some(members: Rows, count: number): Rows {
  if (members.length <= count) return members;
  const order = new Rng(members.length, 24).permutation(members.length).subarray(0, count);
  return Uint32Array.from(order, (i) => members[i] as number).sort();
}

/** Mean and standard deviation of x over the members. */
export async function moments(members: Rows, signal: AbortSignal): Promise<Moments | undefined> {
  const of = some(members, MOST);
  const size = page.size;
  const [sum, squares] = [new Float64Array(size), new Float64Array(size)];
  for (let from = 0; from < of.length; from += EACH) {
    if (signal.aborted) return undefined;
    const x = await page.source.examples([...of.subarray(from, from + EACH)]);
    for (let i = 0; i < x.length; i++) {
      const value = x[i] as number;
      sum[i % size] = (sum[i % size] as number) + value;
      squares[i % size] = (squares[i % size] as number) + value * value;
    }
  }
  const mean = Float32Array.from(sum, (value) => value / of.length);
  const deviation = Float32Array.from(squares, (value, d) =>
    Math.sqrt(Math.max(0, value / of.length - (mean[d] as number) ** 2)),
  );
  return { mean, deviation, of: of.length };
}
