/** Weights of draws that are only ever added to: the first n of them are the same for every n. */

import type { LogLikelihood, Work } from '$math/evaluate';
import { importance } from '$math/evidence';
import type { Gaussian } from '$math/variational';
import { Rng } from '$math/rng';

export class Pool {
  readonly #rng: Rng;
  #weights: Float64Array = new Float64Array(0);
  #z: Float64Array = new Float64Array(0);

  /**
   * @param f log p(x|z).
   * @param proposal q(z|x), or the number of latents of the prior.
   */
  constructor(
    readonly f: LogLikelihood,
    readonly proposal: Gaussian | number,
    seed: number,
    stream: number,
  ) {
    this.#rng = new Rng(seed, stream);
  }

  /** log w of all draws so far, (n) nats. */
  get weights(): Float64Array {
    return this.#weights;
  }

  /** Where they are, (n x L). */
  get z(): Float64Array {
    return this.#z;
  }

  /** Draw until there are so many. One call at a time. */
  async grow(to: number, work: Work): Promise<void> {
    const missing = to - this.#weights.length;
    if (missing <= 0) return;
    const more = await importance(this.f, this.proposal, missing, this.#rng, work);
    this.#weights = joined(this.#weights, more.logWeight);
    this.#z = joined(this.#z, more.z);
  }
}

/** Runs that begin anew, all of one length, none of which has a draw of another. */
export class Runs {
  readonly #pools: readonly Pool[];

  /**
   * @param count How many.
   * @param stream The first of as many streams of seed 0, from which no run that is shown draws.
   */
  constructor(f: LogLikelihood, proposal: Gaussian | number, count: number, stream: number) {
    this.#pools = Array.from({ length: count }, (_, i) => new Pool(f, proposal, 0, stream + i));
  }

  /** log w of each, nats. */
  get weights(): Float64Array[] {
    return this.#pools.map(({ weights }) => weights);
  }

  /** Draw until each has so many. One call at a time. */
  async grow(to: number, work: Work): Promise<void> {
    for (const pool of this.#pools) await pool.grow(to, work);
  }
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
