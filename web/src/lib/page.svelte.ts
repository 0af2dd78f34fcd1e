/** What the page is about: one model of it, and the runs that are shown beside it. */

import type { Model } from '$lib/engine/engine';
import { asError, Shown, type ArrayName, type NumberArray } from '$lib/shown.svelte';
import type { ArrayHead, Description, MetricsRow } from '$lib/source/description';
import type { Sheets } from '$lib/source/sheets';
import type { Source } from '$lib/source/source';

export type { ArrayName, NumberArray };
export { Shown };

/** Everything of `Shown`, of the model that is looked at. */
class Page {
  /** Set before anything is shown. */
  #run: Shown | undefined;
  /** The runs that are shown beside it (`latentia explore RUN --with RUN`), each with the same examples. */
  others: readonly Shown[] = [];

  async start(source: Source): Promise<void> {
    this.#run = await Shown.of(source);
    const beside = (this.#run.description.others ?? []).map((_, k) => Shown.of(source.under(`with/${k}/`)));
    this.others = await Promise.all(beside);
    this.#run.open();
  }

  /** The run that the page was opened with. */
  get run(): Shown {
    if (!this.#run) throw new Error('the page has not begun');
    return this.#run;
  }

  /** The model that is looked at. */
  get now(): Shown {
    return this.run;
  }

  get source(): Source {
    return this.now.source;
  }

  get description(): Description {
    return this.now.description;
  }

  /** The model, once it is there; reactive. */
  get model(): Model | undefined {
    return this.now.model;
  }

  get modelError(): Error | undefined {
    return this.now.modelError;
  }

  get sheets(): Sheets | undefined {
    return this.now.sheets;
  }

  /** How many numbers one example x is. */
  get size(): number {
    return this.now.size;
  }

  heads(): Promise<readonly ArrayHead[]> {
    return this.now.heads();
  }

  array(name: ArrayName): Promise<NumberArray | undefined> {
    return this.now.array(name);
  }

  metrics(): Promise<readonly MetricsRow[]> {
    return this.now.metrics();
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
      (error: unknown) => (this.error = asError(error)),
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
