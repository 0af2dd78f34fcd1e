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

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
