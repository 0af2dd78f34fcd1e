/** What the members of a selection have in common. */

import { page } from '$lib/page.svelte';
import { Rng } from '$math/rng';
import type { Rows } from '$lib/sets.svelte';

/** Examples that are sent for at once. */
const EACH = 250;
/** Members whose mean is taken at most; of more, so many by chance. */
export const MOST = 2000;

export interface Moments {
  /** (D,) each; NaN of a column that none of them has. */
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
  /** How many examples they are of. */
  readonly of: number;
  /** Whether a cell was missing, and left out. */
  readonly isPartial: boolean;
}

/** Some members by chance, the same for the same selection, in rising order. */
export function some(members: Rows, count: number): Rows {
  if (members.length <= count) return members;
  const order = new Rng(members.length, 24).permutation(members.length).subarray(0, count);
  return Uint32Array.from(order, (i) => members[i] as number).sort();
}

/** Sums over rows, each column by itself, for any cell may be missing. */
export class Sums {
  readonly #count: Uint32Array;
  readonly #sum: Float64Array;
  readonly #squares: Float64Array;
  #rows = 0;

  /** @param size  How many columns there are. */
  constructor(readonly size: number) {
    this.#count = new Uint32Array(size);
    this.#sum = new Float64Array(size);
    this.#squares = new Float64Array(size);
  }

  /** Add rows (n, D). */
  add(x: ArrayLike<number>): void {
    for (let i = 0; i < x.length; i++) {
      const [value, d] = [x[i] as number, i % this.size];
      if (Number.isNaN(value)) continue;
      this.#count[d]! += 1;
      this.#sum[d]! += value;
      this.#squares[d]! += value * value;
    }
    this.#rows += x.length / this.size;
  }

  get moments(): Moments {
    const mean = this.#sum.map((sum, d) => sum / (this.#count[d] as number));
    const deviation = this.#squares.map((sum, d) =>
      Math.sqrt(Math.max(0, sum / (this.#count[d] as number) - (mean[d] as number) ** 2)),
    );
    return {
      mean: Float32Array.from(mean),
      deviation: Float32Array.from(deviation),
      of: this.#rows,
      isPartial: this.#count.some((count) => count < this.#rows),
    };
  }
}

/** Mean and standard deviation of x over the members. */
export async function moments(members: Rows, signal: AbortSignal): Promise<Moments | undefined> {
  const of = some(members, MOST);
  const sums = new Sums(page.size);
  for (let from = 0; from < of.length; from += EACH) {
    if (signal.aborted) return undefined;
    sums.add(await page.source.examples([...of.subarray(from, from + EACH)]));
  }
  return sums.moments;
}
