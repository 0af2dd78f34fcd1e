/** One model of the page: its description, the model itself, arrays and pictures, each had once. */

import { Model } from '$lib/engine/engine';
import { Shared } from '$lib/shared';
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
  | 'cells'
  | 'prior'
  | 'row'
  | 'label'
  | 'c'
  | `column:${string}`;

/**
 * Bytes of the arrays of a run's epochs that are kept: those that were last looked at. So many of
 * them are, whatever they weigh: a view looks at one and at the one before it.
 */
const [ROOM, LEAST] = [128 * 2 ** 20, 2];

export class Shown {
  #model = $state.raw<Model>();
  #error = $state.raw<Error>();
  #opening: Promise<void> | undefined;
  #heads: Shared<readonly ArrayHead[]> | undefined;
  readonly #arrays = new Map<string, Shared<NumberArray | undefined>>();
  /** Bytes of its arrays that have come. */
  #bytes = 0;
  #metrics: Promise<readonly MetricsRow[]> | undefined;
  readonly #epochs = new Map<number, Shown>();
  /** Small pictures of the examples, where they are pictures. */
  readonly sheets: Sheets | undefined;

  /** @param run  The run itself, of an epoch of it: what is the same of both is had once. */
  private constructor(
    readonly source: Source,
    readonly description: Description,
    readonly run?: Shown,
  ) {
    const { sheets, picture } = description;
    if (run) this.sheets = run.sheets;
    else if (sheets && picture) this.sheets = new Sheets(source, sheets, picture);
  }

  static async of(source: Source): Promise<Shown> {
    return new Shown(source, await json<Description>(source, 'description'));
  }

  /** The same run's model as it was after an epoch whose weights were kept (`description.snapshots`). */
  at(epoch: number): Shown {
    if (this.run) return this.run.at(epoch);
    let found = this.#epochs.get(epoch);
    this.#epochs.delete(epoch);
    // What Python evaluated was the run's own model.
    const description = { ...this.description, epoch, numbers: {} };
    found ??= new Shown(this.source.under(`at/${epoch}/`), description, this);
    this.#epochs.set(epoch, found);
    this.#letGo();
    return found;
  }

  /** The epochs that are kept, the one that was last looked at at the end. */
  get kept(): readonly number[] {
    return [...this.#epochs.keys()];
  }

  /** Forget the epochs that were looked at longest ago, until the others have room. */
  #letGo(): void {
    let held = 0;
    for (const one of this.#epochs.values()) held += one.#bytes;
    for (const [epoch, old] of this.#epochs) {
      if (held <= ROOM || this.#epochs.size <= LEAST) return;
      this.#epochs.delete(epoch);
      held -= old.#bytes;
    }
  }

  /** The epoch whose weights it has; null of the run's own. */
  get epoch(): number | null {
    return this.description.epoch ?? null;
  }

  /** The model, once it is there, sent for when it is first asked for; reactive. */
  get model(): Model | undefined {
    void this.open();
    return this.#model;
  }

  /** Why there is no model in the page, with the way to mend it; empty while it is opened. */
  get modelError(): Error | undefined {
    void this.open();
    return this.#error;
  }

  /** Send for the model; resolves once it is there, or why it is not. */
  async open(): Promise<void> {
    // A model that is trained decodes nothing yet: the thread that has it is at work.
    if (!this.description.is_training) await (this.#opening ??= this.#open());
  }

  /** Open it again where it could not be opened. */
  again(): void {
    if (!this.#error) return;
    this.#error = this.#opening = undefined;
    void this.open();
  }

  async #open(): Promise<void> {
    const { x, latents, conditions } = this.description;
    // To write graphs takes Python seconds for each epoch, so that it decodes by itself.
    if (this.run) {
      const width = conditions.reduce((sum, { classes }) => sum + (classes.length || 1), 0);
      this.#model = Model.asked(this.source, x.shape, latents, width);
      return;
    }
    try {
      this.#model = await Model.open(this.source, x.shape, latents, `model/${this.source.place}`);
    } catch (error) {
      this.#error = asError(error);
    }
  }

  /** Resolve once all is there that views ask for at once; rejects where the signal ends it before. */
  async ready(signal?: AbortSignal): Promise<void> {
    const all = Promise.allSettled([this.open(), this.array('mean', signal), this.array('elbo', signal)]);
    // A model is opened for whoever comes, but not waited for longer than it is wanted.
    await Promise.race([all, ...(signal ? [ended(signal)] : [])]);
    signal?.throwIfAborted();
  }

  /** How many numbers one example x is. */
  get size(): number {
    return this.description.x.shape.reduce((a, b) => a * b, 1);
  }

  /** Return what arrays there are. */
  heads(signal?: AbortSignal): Promise<readonly ArrayHead[]> {
    this.#heads ??= new Shared(
      (stop) => json<ArrayHead[]>(this.source, 'arrays', stop),
      () => (this.#heads = undefined),
    );
    return this.#heads.wait(signal);
  }

  /**
   * Return an array over all examples, or nothing where there is none of that name.
   *
   * @param signal  Says that it is not waited for any more; where nobody else waits, the work ends.
   */
  array(name: ArrayName, signal?: AbortSignal): Promise<NumberArray | undefined> {
    let found = this.#arrays.get(name);
    if (!found) {
      found = new Shared((stop) => this.#array(name, stop), () => this.#arrays.delete(name));
      this.#arrays.set(name, found);
    }
    return found.wait(signal);
  }

  /** Return the rows of metrics.jsonl. */
  metrics(): Promise<readonly MetricsRow[]> {
    if (this.run) return this.run.metrics();
    return (this.#metrics ??= kept(json<MetricsRow[]>(this.source, 'metrics'), () => (this.#metrics = undefined)));
  }

  async #array(name: ArrayName, stop: AbortSignal): Promise<NumberArray | undefined> {
    const head = (await this.heads(stop)).find((one) => one.name === name);
    if (!head) return undefined;
    const bytes = await this.source.bytes(`array/${name}`, stop);
    this.#bytes += bytes.byteLength;
    if (this.run) this.run.#letGo();
    const data = head.dtype === 'int32' ? new Int32Array(bytes) : new Float32Array(bytes);
    return { data, shape: head.shape, unit: head.unit };
  }
}

/** A promise that is kept while it holds: what failed may be asked for again. */
function kept<T>(found: Promise<T>, forget: () => void): Promise<T> {
  found.catch(forget);
  return found;
}

const ended = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

export const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));
