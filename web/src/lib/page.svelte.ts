/** What the page is about: one model of it, and the runs that are shown beside it. */

import { untrack } from 'svelte';
import type { Model } from '$lib/engine/engine';
import { Latest } from '$lib/engine/latest';
import { Passing } from '$lib/passing';
import { commandOf } from '$lib/runs';
import { asError, Shown, type ArrayName, type NumberArray } from '$lib/shown.svelte';
import type { ArrayHead, Description, MetricsRow } from '$lib/source/description';
import { startedBy } from '$lib/source/served';
import type { Sheets } from '$lib/source/sheets';
import type { Source } from '$lib/source/source';
import { codecs, field, type Codec } from '$lib/state.svelte';
import { telling, trouble } from '$lib/trouble.svelte';

export type { ArrayName, NumberArray };
export { Shown };

/** An epoch whose weights were kept; of any other nothing is said. */
const kept: Codec<number | null> = {
  read: (text) => {
    const found = codecs.index.read(text) ?? null;
    return found !== null && page.run.description.snapshots.includes(found) ? found : null;
  },
  write: codecs.index.write,
};
const epoch = field('epoch', kept, null);

interface Wanted {
  readonly epoch: number | null;
  readonly passed: AbortSignal;
}

/** Everything of `Shown`, of the model that is looked at. */
class Page {
  /** Set before anything is shown. */
  #run: Shown | undefined;
  /** The runs that are shown beside it (`latentia explore RUN --with RUN`), each with the same examples. */
  others: readonly Shown[] = [];
  #now = $state.raw<Shown>();
  /** The epoch that the page began with, which is shown until one is there. */
  #first: number | null | undefined;
  /** An epoch is shown once its model and arrays are there; those that were passed over never are. */
  readonly #coming = new Latest<Wanted, Shown | undefined>(
    async ({ epoch, passed }) => {
      const shown = this.#of(epoch);
      await shown.ready(passed).catch(() => undefined);
      return passed.aborted ? undefined : shown;
    },
    (shown) => {
      if (shown) this.#now = shown;
    },
  );

  async start(source: Source): Promise<void> {
    const told = telling(source);
    this.#run = await Shown.of(told);
    startedBy(commandOf(this.#run.description, location.port));
    const beside = (this.#run.description.others ?? []).map((_, k) => Shown.of(told.under(`with/${k}/`)));
    this.others = await Promise.all(beside);
    void this.#run.open();
  }

  /** The run that the page was opened with. */
  get run(): Shown {
    if (!this.#run) throw new Error('the page has not begun');
    return this.#run;
  }

  /** The model that is looked at: the run's own, or that of an epoch. */
  get now(): Shown {
    return this.#now ?? this.#of(this.#first === undefined ? this.epoch : this.#first);
  }

  /** The epoch that was chosen; null of the run's own model. */
  get epoch(): number | null {
    return epoch.value;
  }

  set epoch(next: number | null) {
    epoch.value = next;
  }

  /** Whether the epoch that was chosen is not there yet, and the one before is still shown. */
  get isComing(): boolean {
    return this.now.epoch !== this.epoch;
  }

  /** Follow the epoch in the state: called once, where effects can be. */
  follow(): void {
    const passing = new Passing<number | null>();
    this.#first = untrack(() => this.epoch);
    $effect(() => {
      const wanted = this.epoch;
      const passed = passing.next(wanted);
      if (passed) untrack(() => this.#coming.ask({ epoch: wanted, passed }));
    });
  }

  /** Ask again for all that could not be had. */
  again(): void {
    for (const one of new Set([this.run, ...this.others, this.now])) one.again();
    trouble.again();
  }

  #of(wanted: number | null): Shown {
    return wanted === null ? this.run : this.run.at(wanted);
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

/** Something that comes later, for templates: `value` is there once it is. What fails the page says. */
export class Coming<T> {
  value = $state.raw<T>();
  error = $state.raw<Error>();
  /** Whether it has come, be it nothing. */
  isHere = $state(false);

  constructor(promise: Promise<T>) {
    promise.then(
      (value) => {
        this.value = value;
        this.isHere = true;
      },
      (error: unknown) => {
        this.error = asError(error);
        trouble.tell(error);
      },
    );
  }
}

export const coming = <T>(promise: Promise<T>): Coming<T> => new Coming(promise);

/**
 * The answer to a question that changes; called where effects can be. Until another has come the
 * last one stays, and one that comes after another was asked for, or after the view was left, is
 * let go. A question of nothing leaves it as it is; what fails the page says, and nothing is left of
 * the answer before, which was another question's.
 */
export function asking<T>(ask: () => Promise<T> | undefined): {
  readonly value: T | undefined;
  readonly error: Error | undefined;
} {
  let value = $state.raw<T>();
  let failed = $state.raw<Error>();
  $effect(() => {
    let isAwaited = true;
    ask()?.then(
      (found) => {
        if (isAwaited) [value, failed] = [found, undefined];
      },
      (error: unknown) => {
        if (!isAwaited) return;
        [value, failed] = [undefined, asError(error)];
        trouble.tell(error);
      },
    );
    return () => (isAwaited = false);
  });
  return {
    get value() {
      return value;
    },
    get error() {
      return failed;
    },
  };
}
