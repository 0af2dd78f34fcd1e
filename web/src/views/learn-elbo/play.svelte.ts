/** q in hand over one x: its numbers as it moves and at rest, the encoder's, the best that there is. */

import { isStill } from '$lib/theme.svelte';
import type { Decodes } from '$lib/decodes.svelte';
import { Latest } from '$lib/engine/latest';
import { page } from '$lib/page.svelte';
import { field as entry, state as pageState, vectorOf, type Codec } from '$lib/state.svelte';
import { isNear, truthOf, type Truth } from '$lib/truth';
import { derivation, exact, type Derivation } from '$math/elbo';
import { fromField } from '$math/field';
import { fit } from '$math/fit';
import { logStandard, type Diagonal } from '$math/gaussian';
import { fromDiagonal, STANDARD, type Gaussian2 } from '$math/gaussian2';
import { gaussHermite } from '$math/nodes';

/** Numbers of one q; `error` is 0 of those that are only near. */
export interface Numbers extends Derivation {
  readonly q: Gaussian2;
  readonly isExact: boolean;
  /** log p(x|z), log p(z) and log p(z|x) at the mean of q. */
  readonly atMean: readonly [number, number, number];
}

/** What was reached for one x: by the hand, and by the best q of either family. */
export interface Reached {
  readonly encoder?: number;
  readonly you?: number;
  readonly independent?: number;
  readonly best?: number;
}

/** Milliseconds of rest before the exact integrals begin. */
const REST = 140;
const FINE = gaussHermite(20, 2);
const COARSE = gaussHermite(10, 2);

const six = vectorOf(() => 6);
/** place, mean, axes, angle; axes that are none are of no Gaussian. */
const gaussian: Codec<readonly number[]> = {
  read: (text) => {
    const found = six.read(text);
    return found && found[3]! > 0 && found[4]! > 0 ? found : undefined;
  },
  write: six.write,
};
const said = entry('elbo.q', gaussian, []);

/** Where an x of the user's own stands: below all examples, and elsewhere than another x of theirs. */
function placeOf(own: Float32Array): number {
  let told = 0;
  for (const value of own) told = (31 * told + Math.round(255 * value)) % 999_983;
  return -1 - Math.abs(told);
}

export class Play {
  truth = $state.raw<Truth>();
  error = $state.raw<Error>();
  numbers = $state.raw<Numbers>();
  isHeld = $state(false);
  isSearching = $state(false);
  reached = $state.raw<Reached>({});
  /** Whether what a hand reaches counts: once the best was shown, q has to be put back first. */
  isFair = $state(true);
  /** Whether q was moved since this x is looked at. */
  hasMoved = false;

  readonly q = $derived.by((): Gaussian2 | undefined => {
    const [place, x, y, a, b, angle] = said.value;
    if (!this.truth || place !== this.truth.place || angle === undefined) return this.truth?.encoder;
    return { mean: [x!, y!], axes: [a!, b!], angle };
  });

  #stop = new AbortController();
  /** The exact numbers of the encoder's q. */
  #encoder: Promise<Derivation> | undefined;
  /** What was reached for other x, or under other conditions; and which of them this is. */
  readonly #memory = new Map<string, Reached>();
  #key = '';
  /** Whether q is where a hand has put it. */
  #isByHand = false;
  readonly #quick = new Latest<{ truth: Truth; q: Gaussian2 }, Numbers>(
    ({ truth, q }) => quick(truth, q),
    (numbers, { truth, q }) => {
      const isOld = truth !== this.truth || (this.numbers?.isExact && this.numbers.q === q);
      if (!isOld) this.numbers = numbers;
    },
    (error) => this.#failed(error),
  );

  /** Look at an x, that of an example or the user's own; the one before is forgotten. */
  async look(decodes: Decodes, place: number | null, own: Float32Array | undefined): Promise<void> {
    this.#stop.abort();
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.truth = this.numbers = this.error = undefined;
    this.reached = {};
    this.isSearching = this.hasMoved = false;
    try {
      const x = own ?? (await page.source.examples([place ?? 0], true));
      const truth = await truthOf(decodes, own ? placeOf(own) : (place ?? 0), x, signal);
      this.#encoder = exact(truth.f, truth.encoder, truth.cells.logEvidence, { signal });
      this.truth = truth;
      this.#key = `${truth.place} ${decodes.c?.join() ?? ''}`;
      this.reached = this.#memory.get(this.#key) ?? {};
      this.isFair = this.reached.best === undefined || said.value[0] !== truth.place;
      const { elbo } = await this.#encoder;
      if (!signal.aborted) this.#reach({ ...this.reached, encoder: elbo });
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
  }

  /** Nobody looks any more. */
  leave(): void {
    this.#stop.abort();
  }

  /** Compute the numbers of q: at once, and exactly once it rests. To be called as effect. */
  follow(): (() => void) | undefined {
    const { truth, q, isHeld } = this;
    if (!truth || !q) return undefined;
    const { signal } = this.#stop;
    const own = new AbortController();
    this.#quick.ask({ truth, q });
    if (isHeld || this.isSearching) return undefined;
    const timer = setTimeout(() => void this.#settle(truth, q, AbortSignal.any([signal, own.signal])), REST);
    return () => {
      clearTimeout(timer);
      own.abort();
    };
  }

  /** q is put somewhere by a hand. */
  put(q: Gaussian2): void {
    this.#isByHand = this.hasMoved = true;
    this.#say(q);
  }

  /** Milliseconds from a movement to its numbers, of the last some hundred. */
  get times(): readonly number[] {
    return this.#quick.times;
  }

  toEncoder(): void {
    this.#back();
    said.value = [];
  }

  toPrior(): void {
    this.#back();
    this.#say(STANDARD);
  }

  #back(): void {
    this.#isByHand = false;
    this.isFair = this.hasMoved = true;
  }

  /** Climb to the best Gaussian, of the encoder's family and of all. */
  async search(): Promise<void> {
    const { truth } = this;
    if (!truth || this.isSearching) return;
    const { signal } = this.#stop;
    this.isSearching = this.hasMoved = true;
    this.#isByHand = false;
    try {
      const { f, encoder, near, cells } = truth;
      const level: Diagonal = { mean: encoder.mean, sd: encoder.axes };
      const coarse = await fit(fromField(near), level, FINE, { signal });
      const independent = await fit(f, coarse.q, COARSE, { signal });
      const family = await exact(f, independent.q, cells.logEvidence, { signal });
      const way: Gaussian2[] = [encoder];
      const start = await fit(fromField(near), fromDiagonal(independent.q), FINE, { signal });
      const best = await fit(f, start.q, COARSE, { signal, step: (q) => way.push(q as Gaussian2) });
      const found = await exact(f, best.q, cells.logEvidence, { signal });
      pageState.begin();
      await this.#glide(best.q, signal);
      this.#say(best.q);
      this.isFair = false;
      this.#reach({ ...this.reached, independent: family.elbo, best: Math.max(found.elbo, family.elbo) });
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    } finally {
      pageState.end();
      this.isSearching = false;
    }
  }

  async #glide(to: Gaussian2, signal: AbortSignal): Promise<void> {
    const from = this.q;
    if (!from || isStill()) return;
    const turn = ((((to.angle - from.angle) / Math.PI + 0.5) % 1) + 1) % 1 - 0.5;
    const begun = performance.now();
    for (let t = 0; t < 1 && !signal.aborted; ) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      t = Math.min(1, (performance.now() - begun) / 700);
      const s = t * t * (3 - 2 * t);
      const mix = (a: number, b: number): number => a + s * (b - a);
      this.#say({
        mean: [mix(from.mean[0], to.mean[0]), mix(from.mean[1], to.mean[1])],
        axes: [mix(from.axes[0], to.axes[0]), mix(from.axes[1], to.axes[1])],
        angle: from.angle + s * turn * Math.PI,
      });
    }
  }

  async #settle(truth: Truth, q: Gaussian2, signal: AbortSignal): Promise<void> {
    try {
      const isOwn = q === truth.encoder && this.#encoder;
      const found = await (isOwn || exact(truth.f, q, truth.cells.logEvidence, { signal }));
      const atMean = await atMeanOf(truth, q);
      if (signal.aborted) return;
      this.numbers = { ...found, q, isExact: true, atMean };
      const { you } = this.reached;
      // From where the best has been shown there is nothing left to win.
      if (this.#isByHand && this.isFair && found.error < 1e-3 && found.elbo > (you ?? -Infinity)) {
        this.#reach({ ...this.reached, you: found.elbo });
      }
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
  }

  #say({ mean, axes, angle }: Gaussian2): void {
    if (this.truth) said.value = [this.truth.place, ...mean, ...axes, angle];
  }

  #reach(reached: Reached): void {
    this.reached = reached;
    if (this.truth) this.#memory.set(this.#key, reached);
  }

  #failed(error: unknown): void {
    this.error = error instanceof Error ? error : new Error(String(error));
  }
}

/** From the table where q is in it, by a hundred decodes where it is not. */
async function quick(truth: Truth, q: Gaussian2): Promise<Numbers> {
  const { f, near, cells } = truth;
  const [use, nodes] = isNear(truth, q) ? [fromField(near), FINE] : [f, COARSE];
  const found = await derivation(use, q, cells.logEvidence, nodes);
  return { ...found, q, isExact: false, atMean: await atMeanOf(truth, q, use) };
}

async function atMeanOf(truth: Truth, { mean }: Gaussian2, f = truth.f): Promise<[number, number, number]> {
  const z = Float64Array.from(mean);
  const [x = NaN] = Array.from(await f(z.slice(), 1));
  const prior = logStandard(z);
  return [x, prior, x + prior - truth.cells.logEvidence];
}
