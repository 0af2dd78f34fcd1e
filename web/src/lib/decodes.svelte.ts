/** log p(x|z) of many x by one decoder, which need not decode the same z twice. */

import { untrack } from 'svelte';
import { focus } from '$lib/focus.svelte';
import type { Model } from '$lib/engine/engine';
import { parametersOf } from '$lib/gaussian';
import { page } from '$lib/page.svelte';
import type { LogLikelihood } from '$math/evaluate';
import { family, logLikelihood, type Parameters } from '$math/likelihood';

// The first cells of a quadrature of two latents, 64 x 64: as many chunks, of as many rows.
const [CHUNKS, ROWS] = [8, 512];

/** A decoder under its conditions; the first cells of every quadrature are the same, and kept. */
export class Decodes {
  readonly #kept = new Map<string, { z: Float64Array; parameters: Parameters }>();
  readonly #outputs = family(page.description.likelihood.name).needs;

  constructor(
    readonly model: Model,
    readonly c: Float32Array | undefined,
  ) {}

  /** log p(x|z) of one x (D), NaN where it is missing. */
  explaining(x: Float32Array, signal: AbortSignal): LogLikelihood {
    const { name } = page.description.likelihood;
    return async (z, rows) => {
      const key = `${rows} ${z[0]} ${z[1]} ${z.at(-2)} ${z.at(-1)}`;
      const known = this.#kept.get(key);
      const same = known?.z.every((v, i) => v === z[i]);
      if (known && same) return logLikelihood(name, known.parameters, x, rows);
      const outputs = { outputs: this.#outputs, signal };
      const found = await this.model.decode(Float32Array.from(z), this.c, outputs);
      const parameters = parametersOf(found);
      if (rows === ROWS && this.#kept.size < CHUNKS) this.#kept.set(key, { z: z.slice(), parameters });
      return logLikelihood(name, parameters, x, rows);
    };
  }
}

/** The decoder under the conditions in hand, once it is there; called where effects can be. */
export function decodesNow(): { readonly value: Decodes | undefined } {
  // c as a text, so that what is the same starts nothing anew.
  const given = $derived(focus.cRow?.join());
  const value = $derived.by(() => {
    void given;
    return page.model && new Decodes(page.model, untrack(() => focus.cRow));
  });
  return {
    get value() {
      return value;
    },
  };
}
