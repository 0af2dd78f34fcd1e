/** The two runs side by side, and what both are at an epoch. */

import { cloud, moved, type Cloud } from './numbers';
import { text } from './text';
import { Latest } from '$lib/engine/latest';
import { page, type Shown } from '$lib/page.svelte';
import { Passing } from '$lib/passing';
import { isStandard } from '$lib/suits';
import { trouble } from '$lib/trouble.svelte';

/** A model with the means of all examples, and what is measured of them. */
export interface Look extends Cloud {
  readonly shown: Shown;
  /** (n, 2). */
  readonly means: Float32Array;
  /** How far a mean has moved since the epoch before that was kept; nothing of the first. */
  readonly moved: number | undefined;
}

export interface Both {
  /** Null where no epochs were kept: of the runs' own models. */
  readonly epoch: number | null;
  readonly ae: Look;
  readonly vae: Look;
}

/** The autoencoder and the VAE among the runs of this page. */
export function found(): { readonly ae: Shown | undefined; readonly vae: Shown | undefined } {
  const runs = [page.run, ...page.others].filter(
    ({ description: { latents, conditions } }) => latents === 2 && !conditions.length,
  );
  return {
    ae: runs.find(({ description }) => description.posterior.name === 'dirac'),
    vae: runs.find(({ description }) => description.posterior.name !== 'dirac' && isStandard(description)),
  };
}

export class Pair {
  now = $state.raw<Both>();
  /** Whether the epoch that was last asked for could not be had, which the page says. */
  hasFailed = $state(false);
  /** The epochs that both have. */
  readonly epochs: readonly number[];
  readonly #passing = new Passing<number | null>();
  readonly #latest = new Latest<{ epoch: number | null; passed: AbortSignal }, Both | undefined>(
    async ({ epoch, passed }) => {
      try {
        const [ae, vae] = await Promise.all([this.#look(this.ae, epoch, passed), this.#look(this.vae, epoch, passed)]);
        return { epoch, ae, vae };
      } catch (error) {
        if (passed.aborted) return undefined;
        throw error;
      }
    },
    (both) => {
      if (!both) return;
      this.now = both;
      this.hasFailed = false;
    },
    (error) => {
      this.hasFailed = true;
      trouble.tell(error);
    },
  );

  constructor(
    readonly ae: Shown,
    readonly vae: Shown,
  ) {
    const others = vae.description.snapshots;
    this.epochs = ae.description.snapshots.filter((epoch) => others.includes(epoch));
  }

  /** The epoch that the page is about, where both have it; else the last that they have. */
  get epoch(): number | null {
    if (page.epoch !== null && this.epochs.includes(page.epoch)) return page.epoch;
    return this.epochs.at(-1) ?? null;
  }

  get isComing(): boolean {
    return !this.hasFailed && this.now?.epoch !== this.epoch;
  }

  ask(epoch: number | null): void {
    const passed = this.#passing.next(epoch);
    if (!passed) return;
    this.hasFailed = false;
    this.#latest.ask({ epoch, passed });
  }

  /** Wait for nothing any more. */
  leave(): void {
    this.#passing.end();
  }

  async #look(run: Shown, epoch: number | null, passed: AbortSignal): Promise<Look> {
    const before = epoch === null ? undefined : this.epochs[this.epochs.indexOf(epoch) - 1];
    const [last, shown] = [before === undefined ? undefined : run.at(before), epoch === null ? run : run.at(epoch)];
    const [means, then] = await Promise.all([meansOf(shown, passed), last && meansOf(last, passed)]);
    return { shown, means, moved: then && moved(then, means), ...cloud(means) };
  }
}

async function meansOf(shown: Shown, passed: AbortSignal): Promise<Float32Array> {
  const means = await shown.array('mean', passed);
  if (!means) throw new Error(text.noMeans(shown.description.name));
  return means.data as Float32Array;
}
