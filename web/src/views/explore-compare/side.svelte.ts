/** One of the two models: where it puts examples, what they are worth to it, and what it decodes. */

import { untrack } from 'svelte';
import { rowOf, usualOf, valuesOf, type Values } from '$lib/conditions';
import { focus } from '$lib/focus.svelte';
import { coming, page, type Coming, type NumberArray, type Shown } from '$lib/page.svelte';
import { PlaneOf } from '$lib/places.svelte';
import { drawnGiven } from '$lib/prior.svelte';
import { condition, py } from '$lib/python';
import type { Condition } from '$lib/source/description';
import { isGiven, isStandard } from '$lib/suits';
import { Rng } from '$math/rng';

const NAMES = ['elbo', 'reconstruction', 'kl', 'c', 'prior', 'row'] as const;
type Name = (typeof NAMES)[number];

export class Side {
  readonly plane: PlaneOf;
  #arrays = $state.raw<Partial<Record<Name, Coming<NumberArray | undefined>>>>();

  constructor(
    readonly shown: Shown,
    readonly name: string,
    /** Among the runs of the page, 0 of its own. */
    readonly place: number,
  ) {
    this.plane = new PlaneOf(() => shown);
  }

  /** Send for its arrays, once it is looked at. */
  start(): void {
    this.plane.start();
    if (untrack(() => this.#arrays)) return;
    this.#arrays = Object.fromEntries(NAMES.map((name) => [name, coming(this.shown.array(name))]));
  }

  array(name: Name): Float32Array | Int32Array | undefined {
    return this.#arrays?.[name]?.value?.data;
  }

  /** Whether what it makes of examples can be decoded: their means and conditions, and the model, are here. */
  get isReady(): boolean {
    const hasC = !this.told.conditions.length || this.array('c') !== undefined;
    return hasC && this.plane.mean !== undefined && this.shown.model !== undefined;
  }

  get told(): Shown['description'] {
    return this.shown.description;
  }

  /** The means of q(z|x) of some examples, (k, L). */
  means(places: readonly number[]): Float32Array | undefined {
    const { mean } = this.plane;
    return mean && picked(mean, places, this.told.latents);
  }

  /**
   * E[x|z] of points (k, L), under the conditions of as many examples, or of one; (k, D). Nothing
   * where the model is not here, or nobody knows its conditions.
   */
  async decode(z: Float32Array, places: readonly number[]): Promise<Float32Array | undefined> {
    const [all, { examples, conditions }] = [this.array('c'), this.told];
    const c = all && picked(all, places, all.length / examples.count);
    return c || !conditions.length ? this.shown.model?.shown(z, c) : undefined;
  }

  /**
   * The conditions of its draws: those in hand, where it has the same ones as the page's model; else
   * those of the example in hand, or of the first, as this model has them; else the usual ones.
   * Nothing until they are known.
   */
  get c(): Values | undefined {
    const { conditions, examples } = this.told;
    if (!conditions.length) return [];
    if (isSame(conditions, page.run.description.conditions)) return focus.c;
    const asked = this.#arrays?.c;
    if (!asked?.isHere && !asked?.error) return undefined;
    const all = asked.value?.data;
    if (!all?.length) return usualOf(conditions);
    return valuesOf(conditions, picked(all, [focus.example ?? 0], all.length / examples.count));
  }

  /** What opens this model in Python, under the conditions of its draws. */
  get opened(): string {
    const [{ run, conditions }, { epoch }, c] = [this.told, this.shown, this.c];
    const given = c?.length ? `.given(${condition(c, conditions)})` : '';
    return `lt.load(${py(run)}${epoch === null ? '' : `, epoch=${epoch}`})${given}`;
  }

  /** The same as the graphs take them; nothing of a model without. */
  get #row(): Float32Array | undefined {
    return this.c?.length ? rowOf(this.told.conditions, this.c) : undefined;
  }

  /** Whether its z are draws of p(z|c), which `draws` gives in deviations and `drawn` makes z. */
  get isGiven(): boolean {
    return isGiven(this.told);
  }

  /** As many draws of p(z), (k, L), the same from one seed; nothing where there are none. */
  draws(k: number, seed: number): Float32Array | undefined {
    const { latents } = this.told;
    if (isStandard(this.told) || this.isGiven) return Float32Array.from(new Rng(seed, 7).normals(k * latents));
    const prior = this.array('prior');
    const order = prior && new Rng(seed, 7).permutation(prior.length / latents);
    return order && picked(prior, [...order.subarray(0, k)], latents);
  }

  /** These draws as z under its conditions, and what they decode to; nothing where the model is not here. */
  async drawn(eps: Float32Array): Promise<Drawn | undefined> {
    const [{ model }, c] = [this.shown, this.#row];
    if (!model || (!c && this.told.conditions.length)) return undefined;
    const z = this.isGiven && c ? await drawnGiven(model, eps, c) : eps;
    return { z, x: await model.shown(z, c) };
  }
}

export interface Drawn {
  /** (k, L). */
  readonly z: Float32Array;
  /** E[x|z], (k, D). */
  readonly x: Float32Array;
}

/** Whether a class, or a number, is the same thing to both. */
function isSame(a: readonly Condition[], b: readonly Condition[]): boolean {
  const names = (of: readonly Condition[]): string => JSON.stringify(of.map(({ name, classes }) => [name, classes]));
  return names(a) === names(b);
}

/** Return some rows of a matrix (n, width). */
function picked(data: Float32Array | Int32Array, places: readonly number[], width: number): Float32Array {
  const found = new Float32Array(places.length * width);
  places.forEach((place, i) => found.set(data.subarray(place * width, (place + 1) * width), i * width));
  return found;
}
