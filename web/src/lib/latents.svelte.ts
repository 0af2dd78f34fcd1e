/** The latents in the order of their use: by mean KL, or by how much their means move. */

import { untrack } from 'svelte';
import { page, type Shown } from '$lib/page.svelte';
import { trouble } from '$lib/trouble.svelte';

export interface Use {
  /** Counted from 0; written from 1. */
  readonly latent: number;
  /** Its mean KL in nats, or the variance of its posterior means where there is none. */
  readonly amount: number;
  /** How far from 0 the means of examples lie: 99 of 100 of them. */
  readonly reach: number;
}

class Order {
  value = $state.raw<readonly Use[]>([]);
  /** What `amount` is. */
  by = $state<'kl' | 'variance'>('kl');

  /** Measure them, and again where another epoch is looked at: called once, where effects can be. */
  follow(): void {
    $effect(() => {
      const { now } = page;
      void trouble.tries;
      untrack(() => void this.#measure(now).catch(trouble.tell));
    });
  }

  async #measure(now: Shown): Promise<void> {
    const { latents } = now.description;
    if (!this.value.length) {
      this.value = Array.from({ length: latents }, (_, latent) => ({ latent, amount: NaN, reach: 3 }));
    }
    const [mean, kl] = await Promise.all([now.array('mean'), now.array('kl_per_dim')]);
    if (page.now !== now) return;
    const used = kl ? means(kl.data, latents) : mean && variances(mean.data, latents);
    const evaluated = Object.values(now.description.numbers)[0]?.kl_per_dim;
    this.by = kl || !mean ? 'kl' : 'variance';
    const amounts = used ?? evaluated ?? Array<number>(latents).fill(NaN);
    const reach = mean ? reaches(mean.data, latents) : Array<number>(latents).fill(3);
    this.value = this.value
      .map(({ latent }) => ({
        latent,
        amount: amounts[latent] ?? NaN,
        reach: reach[latent] ?? 3,
      }))
      .sort((a, b) => (b.amount || 0) - (a.amount || 0) || a.latent - b.latent);
  }
}

function means(data: ArrayLike<number>, width: number): number[] {
  const sums = Array<number>(width).fill(0);
  for (let i = 0; i < data.length; i++) sums[i % width] = (sums[i % width] ?? 0) + (data[i] ?? 0);
  return sums.map((sum) => (sum * width) / data.length);
}

function variances(data: ArrayLike<number>, width: number): number[] {
  const mean = means(data, width);
  const squares = Float64Array.from(data, (value, i) => (value - (mean[i % width] ?? 0)) ** 2);
  return means(squares, width);
}

function reaches(data: Float32Array | Int32Array, width: number): number[] {
  return Array.from({ length: width }, (_, d) => {
    const column = Float32Array.from({ length: data.length / width }, (_, i) =>
      Math.abs(data[i * width + d] ?? 0),
    ).sort();
    return column[Math.floor(0.99 * (column.length - 1))] ?? 3;
  });
}

export const order = new Order();
