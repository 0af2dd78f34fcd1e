/** What the page is about: the description, the model, arrays and pictures, each had once. */

import { Model } from '$lib/engine/engine';
import type { ArrayHead, Description, MetricsRow } from '$lib/source/description';
import { Sheets } from '$lib/source/sheets';
import { json, type Source } from '$lib/source/source';

export interface NumberArray {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
  readonly unit: string;
}

/** The arrays that the page knows by name; others are `column:NAME`. */
export type ArrayName =
  | 'mean'
  | 'deviation'
  | 'elbo'
  | 'reconstruction'
  | 'kl'
  | 'kl_per_dim'
  | 'kl_of_class'
  | 'prior'
  | 'row'
  | 'label'
  | 'c'
  | `column:${string}`;

class Page {
  /** Set before anything is shown. */
  #source: Source | undefined;
  #description: Description | undefined;
  #model = $state.raw<Model>();
  /** Why there is no model in the page, with the way to mend it; empty while it is opened. */
  modelError = $state.raw<Error>();
  #heads: Promise<readonly ArrayHead[]> | undefined;
  readonly #arrays = new Map<string, Promise<NumberArray | undefined>>();
  #metrics: Promise<readonly MetricsRow[]> | undefined;
  #sheets: Sheets | undefined;

  async start(source: Source): Promise<void> {
    this.#source = source;
    const description = await json<Description>(source, 'description');
    this.#description = description;
    if (description.sheets && description.picture) {
      this.#sheets = new Sheets(source, description.sheets, description.picture);
    }
    // A model that is trained decodes nothing yet: the thread that has it is at work.
    if (description.is_training) return;
    void Model.open(source, description.x.shape, description.latents).then(
      (model) => (this.#model = model),
      (error: unknown) =>
        (this.modelError = error instanceof Error ? error : new Error(String(error))),
    );
  }

  get source(): Source {
    if (!this.#source) throw new Error('the page has not begun');
    return this.#source;
  }

  get description(): Description {
    if (!this.#description) throw new Error('the page has not begun');
    return this.#description;
  }

  /** The model, once it is there; reactive. */
  get model(): Model | undefined {
    return this.#model;
  }

  /** Small pictures of the examples, where they are pictures. */
  get sheets(): Sheets | undefined {
    return this.#sheets;
  }

  /** How many numbers one example x is. */
  get size(): number {
    return this.description.x.shape.reduce((a, b) => a * b, 1);
  }

  /** Return what arrays there are. */
  heads(): Promise<readonly ArrayHead[]> {
    this.#heads ??= json<ArrayHead[]>(this.source, 'arrays');
    return this.#heads;
  }

  /** Return an array over all examples, or nothing where there is none of that name. */
  array(name: ArrayName): Promise<NumberArray | undefined> {
    let found = this.#arrays.get(name);
    if (!found) this.#arrays.set(name, (found = this.#array(name)));
    return found;
  }

  /** Return the rows of metrics.jsonl. */
  metrics(): Promise<readonly MetricsRow[]> {
    this.#metrics ??= json<MetricsRow[]>(this.source, 'metrics');
    return this.#metrics;
  }

  async #array(name: ArrayName): Promise<NumberArray | undefined> {
    const head = (await this.heads()).find((one) => one.name === name);
    if (!head) return undefined;
    const bytes = await this.source.bytes(`array/${name}`);
    const data = head.dtype === 'int32' ? new Int32Array(bytes) : new Float32Array(bytes);
    return { data, shape: head.shape, unit: head.unit };
  }
}

export const page = new Page();

/** Something that comes later, for templates: `value` is there once it is. */
export class Coming<T> {
  value = $state.raw<T>();
  error = $state.raw<Error>();

  constructor(promise: Promise<T>) {
    promise.then(
      (value) => (this.value = value),
      (error: unknown) => (this.error = error instanceof Error ? error : new Error(String(error))),
    );
  }
}

export const coming = <T>(promise: Promise<T>): Coming<T> => new Coming(promise);

/**
 * The answer to a question that changes; called where effects can be. Until another has come the
 * last one stays, and one that comes after another was asked for, or after the view was left, is
 * let go. A question of nothing leaves it as it is.
 */
export function asking<T>(ask: () => Promise<T> | undefined): { readonly value: T | undefined } {
  let value = $state.raw<T>();
  $effect(() => {
    let isAwaited = true;
    void ask()?.then((found) => {
      if (isAwaited) value = found;
    });
    return () => (isAwaited = false);
  });
  return {
    get value() {
      return value;
    },
  };
}
