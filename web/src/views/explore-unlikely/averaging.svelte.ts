/** The ELBO of the examples in a list, each the mean over as many draws of z as in the inspector. */

import { rowOf, valuesOf } from '$lib/conditions';
import { elboOf, posterior } from '$lib/gaussian';
import { page } from '$lib/page.svelte';
import { isGaussian } from '$lib/suits';

/** Milliseconds for which a list stands before its numbers are asked for. */
const REST = 250;

/** Follow a list of places; called where effects can be. What is known of an example stays. */
export function averaging(listed: () => ArrayLike<number>): {
  readonly value: ReadonlyMap<number, number>;
  readonly hasFailed: boolean;
} {
  let value = $state.raw<ReadonlyMap<number, number>>(new Map());
  let hasFailed = $state(false);
  $effect(() => {
    const [places, { model, description }] = [Array.from(listed()), page];
    if (!model || !isGaussian(description)) return;
    const { conditions, likelihood } = description;
    const stop = new AbortController();
    const { signal } = stop;
    const find = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, REST));
      const wanted = places.filter((place) => !value.has(place));
      if (signal.aborted || !wanted.length) return;
      const [x, c] = await Promise.all([page.source.examples(wanted, true), conditions.length ? page.array('c') : undefined]);
      const width = c?.shape[1] ?? 0;
      for (const [i, place] of wanted.entries()) {
        const own = x.slice(i * page.size, (i + 1) * page.size);
        const under = c && rowOf(conditions, valuesOf(conditions, c.data.subarray(place * width, (place + 1) * width)));
        const q = await posterior(model, own, under, { signal });
        const { elbo } = await elboOf(model, likelihood.name, own, q, under, signal);
        if (signal.aborted) return;
        value = new Map(value).set(place, elbo);
      }
    };
    // Where they cannot be had, the numbers of one draw stand there alone.
    find().then(
      () => !signal.aborted && (hasFailed = false),
      () => !signal.aborted && (hasFailed = true),
    );
    return () => stop.abort();
  });
  return {
    get value() {
      return value;
    },
    get hasFailed() {
      return hasFailed;
    },
  };
}
