/**
 * What is looked at: an example x (or one of the user's own), a point z, and what z decodes to.
 *
 * Everything that shows x, q(z|x), z or p(x|z) reads it here, so all views and the inspector
 * agree. `example`, an x of the user's own, `z` and `c` are in the URL.
 */

import { untrack } from 'svelte';
import { Latest } from '$lib/engine/latest';
import type { Tensors } from '$lib/engine/protocol';
import { page, type NumberArray, type Shown } from '$lib/page.svelte';
import { pixelsOf } from '$lib/pixels';
import { rowOf as numbersOf, usualOf, valuesOf } from '$lib/conditions';
import { codecs, field, indexBelow, type Codec, state as pageState, vectorOf } from '$lib/state.svelte';
import { trouble } from '$lib/trouble.svelte';

/** q(z|x) as far as it is a mean and a deviation for each latent. */
export interface Posterior {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/** The ELBO and its parts of the example, nats. */
export interface Nats {
  readonly elbo: number;
  readonly reconstruction: number;
  readonly kl: number;
  readonly kl_per_dim?: Float32Array;
}

export interface Decoded {
  readonly z: Float32Array;
  /** E[x|z], (D,). */
  readonly shown: Float32Array;
  /** All numbers of p(x|z) by torch's names, and `shown`; (1, ...) each. */
  readonly parameters: Tensors;
}

const example = field('x', indexBelow(() => page.description.examples.count), null);
/** An x of the user's own. */
const own = field(
  'own',
  pixelsOf(() => {
    const { picture } = page.description;
    return picture ? { size: page.size, span: picture.span } : undefined;
  }),
  undefined,
);
const z = field<readonly number[]>('z', vectorOf(() => page.description.latents), []);
/** A class's number, or a number, of each condition that the model has. */
const said: Codec<readonly number[]> = {
  read: (text) => {
    const { conditions } = page.description;
    const found = codecs.numbers.read(text);
    const isClass = (value: number, n: number): boolean => Number.isInteger(value) && value >= 0 && value < n;
    const isTrue = conditions.every(({ classes }, i) => !classes.length || isClass(found?.[i] ?? NaN, classes.length));
    return found?.length === conditions.length && isTrue ? found : undefined;
  },
  write: codecs.numbers.write,
};
const c = field<readonly number[]>('c', said, []);

class Focus {
  /** x of the example, or the user's own, (D,). */
  x = $state.raw<Float32Array>();
  q = $state.raw<Posterior>();
  nats = $state.raw<Nats>();
  decoded = $state.raw<Decoded>();
  /** An x of the user's own, the c that it was encoded under, and the model that did so last. */
  #own = $state.raw<{ readonly x: Float32Array; readonly c: Float32Array | undefined; by: Shown | undefined }>();
  /** Goes up with every x that is to be shown: one that is encoded too late is let go. */
  #asked = 0;

  /** The conditions of all examples, (n, C). */
  #given = $state.raw<NumberArray>();
  readonly #mean = $derived(this.q && Array.from(this.q.mean));

  readonly #latest = new Latest<Float32Array, Decoded | undefined>(
    async (z) => {
      const parameters = await page.model?.decode(z, this.cRow, { urgent: true });
      const shown = parameters?.shown?.data;
      return parameters && shown ? { z, shown, parameters } : undefined;
    },
    (decoded) => (this.decoded = decoded),
  );

  /** The example that a view works on where none is chosen: it is then the one in hand. */
  usual: () => number | null = () => null;

  /** The place of the example among those of the page, or null. */
  get example(): number | null {
    return this.#chosen ?? (this.isOwn ? null : this.usual());
  }

  get #chosen(): number | null {
    const place = example.value;
    return place !== null && place < page.description.examples.count ? place : null;
  }

  /** Whether there can be no example in hand instead. */
  get isLoose(): boolean {
    return this.usual() === null;
  }

  /** Whether x is the user's own and no example. */
  get isOwn(): boolean {
    return this.#chosen === null && own.value !== undefined;
  }

  /** The conditions that q(z|x) is under, as graphs take them: of an example its own, whatever c is in hand. */
  get cOfX(): Float32Array | undefined {
    const { conditions } = page.description;
    if (!conditions.length) return undefined;
    return this.isOwn ? this.#own?.c : numbersOf(conditions, this.ownC ?? this.c);
  }

  /** The point in hand, L numbers; where none is said, the mean of q(z|x), or the origin. */
  get z(): readonly number[] {
    const { latents } = page.description;
    const said = z.value;
    if (said.length === latents) return said;
    return (this.example !== null || this.isOwn) && this.#mean ? this.#mean : origin(latents);
  }

  /** Whether z belongs to something: not where it is to be the mean of an example that is not here. */
  get isKnown(): boolean {
    return this.example === null || this.x !== undefined || z.value.length === page.description.latents;
  }

  set z(next: readonly number[]) {
    z.value = next;
  }

  /** z that moves by itself: no step. */
  glide(next: readonly number[]): void {
    z.amend(next);
  }

  /** Whether z is where q(z|x) has its mean. */
  get isAtMean(): boolean {
    const mean = this.#mean;
    return mean !== undefined && this.z.every((value, d) => Math.abs(value - (mean[d] ?? NaN)) < 1e-4);
  }

  /** Let z be the mean of q(z|x), or the origin where there is no example. */
  release(): void {
    if (this.isOwn && this.#mean) z.value = this.#mean;
    else z.value = [];
  }

  /**
   * The conditions in hand, one value each: the number of a class, or a number as it is. Where
   * none are said, those of the example in hand, or of the first, which views look at then.
   */
  get c(): readonly number[] {
    const { conditions } = page.description;
    const said = c.value;
    if (said.length === conditions.length) return said;
    return this.ownC ?? usualOf(conditions);
  }

  set c(next: readonly number[]) {
    c.value = next;
  }

  /** The conditions of the example itself, whatever is in hand; nothing where none are known. */
  get ownC(): readonly number[] | undefined {
    return this.cOf(this.example ?? 0);
  }

  /** Let c be the example's own. */
  ofOwn(): void {
    c.value = [];
  }

  /** The conditions of an example. */
  cOf(place: number): readonly number[] | undefined {
    const { conditions } = page.description;
    const width = this.#given?.shape[1] ?? 0;
    if (!conditions.length || !this.#given || width * place >= this.#given.data.length) return undefined;
    return valuesOf(conditions, this.#given.data.subarray(width * place, width * (place + 1)));
  }

  /** The same as the graphs take them, (C,); nothing of a model without. */
  get cRow(): Float32Array | undefined {
    const { conditions } = page.description;
    return conditions.length ? numbersOf(conditions, this.c) : undefined;
  }

  /** Milliseconds of the last some hundred decodes of z, for the tests. */
  get times(): readonly number[] {
    return this.#latest.times;
  }

  /** Look at an example: x, q, c and nats are its own, and z its posterior mean. */
  async pin(place: number): Promise<void> {
    pageState.step(() => {
      example.value = place;
      own.value = undefined;
      z.value = [];
      c.value = []; // its own
    });
  }

  /** Let go of the example; z stays where it is. */
  unpin(): void {
    this.#leave(() => (example.value = null));
  }

  /** Let go of the user's own x; z stays where it is. */
  unown(): void {
    this.#leave(() => (own.value = undefined));
  }

  /** One step in which z and c stay what they are, whatever they belonged to. */
  #leave(letGo: () => void): void {
    const { z, c } = this;
    pageState.step(() => {
      this.z = z;
      if (c.length) this.c = c;
      letGo();
    });
  }

  /** Look at an x of the user's own, as the address can say it, encoded by the model under c in hand: one step. */
  async show(given: Float32Array): Promise<void> {
    const x = own.rounded(given) ?? given;
    const { c, cRow } = this;
    const [by, place, asked] = [page.now, this.example, ++this.#asked];
    const q = await encoded(by, x, cRow);
    if (asked !== this.#asked || place !== this.example) return; // another was chosen meanwhile
    pageState.step(() => {
      if (c.length) this.c = c; // and not those of the example that was there
      example.value = null;
      own.value = x;
      if (q) z.value = Array.from(q.mean);
    });
    this.#take(own.value ?? x, cRow, by);
    this.q = q;
    void this.#again(page.now);
  }

  /** Have an x of the user's own; `by` has encoded it. */
  #take(x: Float32Array, c: Float32Array | undefined, by?: Shown): void {
    this.#own = { x, c, by };
    this.x = x;
    this.q = this.nats = undefined;
  }

  /**
   * Encode the user's own x by the model of another epoch. A z that was the mean follows it, one
   * that was set by hand stays, and none of it is a step.
   */
  async #again(now: Shown): Promise<void> {
    const own = this.#own;
    if (!own || own.by === now) return;
    own.by = now;
    try {
      const q = await encoded(now, own.x, own.c);
      if (this.#own !== own || own.by !== now) return;
      const follows = this.isAtMean;
      this.q = q;
      if (!q) own.by = undefined; // no model yet: it is asked again
      if (q && follows) z.amend(Array.from(q.mean));
    } catch (error) {
      if (own.by === now) own.by = undefined;
      trouble.tell(error);
    }
  }

  /** Follow the state: called once, where effects can be. */
  follow(): void {
    $effect(() => {
      void trouble.tries;
      if (!page.run.description.conditions.length) return;
      untrack(() => page.array('c')).then((array) => (this.#given = array), trouble.tell);
    });
    $effect(() => {
      const next = Float32Array.from(this.z);
      void this.cRow;
      void trouble.tries;
      if (page.model) untrack(() => this.#latest.ask(next));
    });
    $effect(() => {
      const place = this.example;
      const { now } = page;
      void own.value;
      void trouble.tries;
      untrack(() => void this.#look(place, now).catch((error: unknown) => this.#lost(place, now, error)));
    });
  }

  /** An example that cannot be had: what is left of the one before is not its. */
  #lost(place: number | null, now: Shown, error: unknown): void {
    trouble.tell(error);
    if (this.example === place && page.now === now) this.x = this.q = this.nats = undefined;
  }

  async #look(place: number | null, now: Shown): Promise<void> {
    if (place === null) {
      const x = own.value;
      if (!x) this.#own = this.x = this.q = this.nats = undefined;
      else {
        // From a link, or brought back.
        if (this.#own?.x !== x) this.#take(x, this.cRow);
        void this.#again(now);
      }
      return;
    }
    this.#own = undefined;
    const names = ['mean', 'deviation', 'elbo', 'reconstruction', 'kl', 'kl_per_dim'] as const;
    const [x, ...arrays] = await Promise.all([
      now.source.examples([place]),
      ...names.map((name) => now.array(name)),
    ]);
    if (this.example !== place || page.now !== now) return; // another was chosen meanwhile
    const [mean, deviation, elbo, reconstruction, kl, perDim] = arrays;
    const { latents } = page.description;
    this.x = x;
    this.q =
      mean && deviation
        ? {
            mean: Float32Array.from(rowOf(mean.data, place, latents)),
            deviation: Float32Array.from(rowOf(deviation.data, place, latents)),
          }
        : undefined;
    this.nats =
      elbo && reconstruction && kl
        ? {
            elbo: elbo.data[place] ?? NaN,
            reconstruction: reconstruction.data[place] ?? NaN,
            kl: kl.data[place] ?? NaN,
            ...(perDim && { kl_per_dim: Float32Array.from(rowOf(perDim.data, place, latents)) }),
          }
        : undefined;
  }
}

/** q(z|x) by a model, as far as it is a Gaussian; nothing where the model is not here. */
async function encoded(by: Shown, x: Float32Array, c: Float32Array | undefined): Promise<Posterior | undefined> {
  await by.open();
  const { loc, scale } = (await by.model?.encode(x, c, { urgent: true })) ?? {};
  return loc && scale ? { mean: loc.data, deviation: scale.data } : undefined;
}

const zeros = new Map<number, readonly number[]>();
function origin(latents: number): readonly number[] {
  const known = zeros.get(latents) ?? Array<number>(latents).fill(0);
  zeros.set(latents, known);
  return known;
}

/** Return row `place` of a matrix (n, width). */
export function rowOf(
  data: Float32Array | Int32Array,
  place: number,
  width: number,
): readonly number[] {
  return Array.from(data.subarray(place * width, (place + 1) * width));
}

export const focus = new Focus();
