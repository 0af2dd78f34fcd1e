/** Points that glide to where they have come, rather than jump. */

import { untrack } from 'svelte';
import { isStill } from '$lib/theme.svelte';

/** Milliseconds of the way. */
const WAY = 320;

/** Places (n, 2) on their way to the latest; called where effects can be. Others at once, if as many. */
export function gliding(latest: () => Float32Array): { readonly value: Float32Array } {
  let value = $state.raw(untrack(latest));
  $effect(() => {
    const to = latest();
    const from = untrack(() => value);
    if (from === to) return;
    if (from.length !== to.length || isStill()) {
      value = to;
      return;
    }
    const since = performance.now();
    let frame = requestAnimationFrame(function step(now) {
      const part = Math.min(1, Math.max(0, (now - since) / WAY));
      const eased = 1 - (1 - part) ** 3;
      value = part < 1 ? from.map((at, i) => at + eased * ((to[i] as number) - at)) : to;
      if (part < 1) frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  });
  return {
    get value() {
      const to = latest();
      return value.length === to.length ? value : to;
    },
  };
}
