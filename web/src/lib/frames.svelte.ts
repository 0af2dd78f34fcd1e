/** The frames of a film of training, each sent for once. */

import type { Source } from '$lib/source/source';

export class Frames {
  /** The examples, values 0..255, (n, H, W, C). */
  originals = $state.raw<Uint8Array>();
  #known = $state.raw<ReadonlyMap<number, Uint8Array>>(new Map());
  readonly #coming = new Set<number>();
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
    this.#fetched('examples').then((bytes) => (this.originals = bytes), () => undefined);
  }

  /** The frame of an epoch, (n + draws, H, W, C), if it is here; reactive. */
  of(epoch: number): Uint8Array | undefined {
    return this.#known.get(epoch);
  }

  /** Send for the frame of an epoch, unless it is here or on its way. */
  want(epoch: number): void {
    if (this.#known.has(epoch) || this.#coming.has(epoch)) return;
    this.#coming.add(epoch);
    // It may have gone by now, as those of long runs do while they train; then its neighbour will come.
    this.#fetched(String(epoch))
      .then((bytes) => (this.#known = new Map(this.#known).set(epoch, bytes)), () => undefined)
      .finally(() => this.#coming.delete(epoch));
  }

  async #fetched(name: string): Promise<Uint8Array> {
    return new Uint8Array(await this.#source.bytes(`film/${name}`));
  }
}
