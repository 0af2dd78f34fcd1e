/**
 * A random walk whose limit is p(z|x) under the prior N(0, I): Metropolis, in as many rows as are
 * wanted, which share one step.
 *
 * Draws of q stop being accepted where q is far from the posterior, as it is in many latents for
 * an x with gaps: the weights of two draws then lie many nats apart. A walk asks nothing of q but
 * a first guess of how wide the posterior is.
 */

import type { LogLikelihood } from './evaluate';
import { logStandard } from './gaussian';
import type { Rng } from './rng';
import type { Numbers } from './special';

/** The share of moves at which the step is aimed: best are 0.44 for one latent, 0.23 for many. */
const SHARE = 0.3;

export class Walk {
  /** How often a step was fitted. */
  private fits = 0;
  /** What a step is in units of the deviations, (Roberts, Gelman, Gilks, 1997): 2.38 / sqrt(L). */
  private scale: number;
  /** Mean and variance of each latent over the places that were passed, and of how many. */
  private readonly mean: Float64Array;
  private readonly variance: Float64Array;
  private passed: number;

  private constructor(
    private readonly f: LogLikelihood,
    private readonly dims: number,
    /** Where the rows are, (rows x L). */
    public z: Float64Array,
    private logJoint: Float64Array,
    sd: Numbers,
  ) {
    this.scale = 2.38 / Math.sqrt(dims);
    this.mean = z.slice(0, dims);
    this.variance = Float64Array.from(sd, (value) => value * value);
    // The first guess weighs as much as a place in every latent.
    this.passed = dims;
  }

  /**
   * Begin a walk.
   *
   * @param f log p(x|z), of what is there of x.
   * @param z Where the rows begin, (rows x L).
   * @param sd How wide the posterior is taken to be at first, (L): that of q.
   */
  static async from(f: LogLikelihood, z: Float64Array, sd: Numbers): Promise<Walk> {
    const dims = sd.length;
    return new Walk(f, dims, z.slice(), await joint(f, z, dims), sd);
  }

  /** The deviation of the step in each latent, (L). */
  get step(): Float64Array {
    return this.variance.map((value) => this.scale * Math.sqrt(value));
  }

  /**
   * Take one step in every row; resolves to the share of the rows that moved.
   *
   * Without `fits` the step is fixed and the move to z' is as likely as the one back, so taking it
   * with probability min(1, p(x|z') p(z') / (p(x|z) p(z))) leaves p(z|x) as it is. With `fits` the
   * step then follows from where the walk has been, and that is true no longer: whoever wants
   * draws of p(z|x) fits first, and walks on with what was found.
   */
  async take(rng: Rng, fits = false): Promise<number> {
    const { dims, step } = this;
    const proposed = rng.normals(this.z.length).map((e, i) => this.z[i]! + step[i % dims]! * e);
    const next = await joint(this.f, proposed, dims);
    const ratio = next.map((value, row) => Math.min(0, value - this.logJoint[row]!));
    const moved = Array.from(ratio, (value) => Math.log(rng.uniform()) < value);
    this.z = this.z.map((old, i) => (moved[Math.floor(i / dims)] ? proposed[i]! : old));
    this.logJoint = this.logJoint.map((old, row) => (moved[row] ? next[row]! : old));
    if (fits) this.fit(ratio.reduce((sum, value) => sum + Math.exp(value), 0) / ratio.length);
    return moved.filter(Boolean).length / moved.length;
  }

  /** Longer steps where too many are taken, each latent's as wide as the places passed are. */
  private fit(share: number): void {
    this.scale *= Math.exp((share - SHARE) * (10 / (10 + this.fits)) ** 0.6);
    this.fits += 1;
    for (let row = 0; row < this.logJoint.length; row++) {
      this.passed += 1;
      for (let d = 0; d < this.dims; d++) {
        const away = this.z[row * this.dims + d]! - this.mean[d]!;
        this.mean[d]! += away / this.passed;
        const both = away * (this.z[row * this.dims + d]! - this.mean[d]!);
        this.variance[d]! += (both - this.variance[d]!) / this.passed;
      }
    }
  }
}

/** log p(x|z) + log p(z) of every row. */
async function joint(f: LogLikelihood, z: Float64Array, dims: number): Promise<Float64Array> {
  const rows = z.length / dims;
  const found = await f(z.slice(), rows);
  return Float64Array.from(found, (value, row) => value + logStandard(z, dims, row));
}
