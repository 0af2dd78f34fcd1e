/** Places that a path goes through: examples, or points z. */

import type { Codec } from '$lib/state.svelte';

export type Waypoint =
  | { readonly example: number; readonly z?: never }
  | { readonly z: readonly number[]; readonly example?: never };

/** `12;0.5,-1.25;40`: an example by its place, a point by its numbers. */
export const waypoints: Codec<readonly Waypoint[]> = {
  read: (text) => {
    const found = text.split(';').filter(Boolean).map((one): Waypoint | undefined => {
      if (/^\d+$/.test(one)) return { example: Number(one) };
      const z = one.replace('z', '').split(',').map(Number);
      return z.every(Number.isFinite) ? { z } : undefined;
    });
    return found.every((one) => one !== undefined) ? found : undefined;
  },
  write: (all) =>
    all
      .map(({ example, z }) => example ?? `z${z.map((v) => Math.round(v * 1e5) / 1e5 || 0).join(',')}`)
      .join(';'),
};
