/**
 * A mixture of Gaussians of one covariance, fitted to weighted draws: of what to draw next.
 *
 * The covariance is one, so that few draws can tell it; the Gaussians are several, for p(z|x) may
 * lie in more than one place, or along a curve.
 */

import { resample } from './evidence';
import type { Rng } from './rng';
import { LOG_SQRT_2PI, logSumExp, type Numbers } from './special';

/** No more Gaussians than these. */
const MOST = 8;
/** How often draws change to a nearer Gaussian. */
const TURNS = 4;
/** Variances are wider than those of the draws: what is drawn of should not end before p(z|x). */
const WIDER = 1.3;

export class Cloud {
  private constructor(
    private readonly dims: number,
    /** Log of the share of each Gaussian, (J). */
    private readonly logShare: Float64Array,
    /** Their means, (J x L). */
    private readonly means: Float64Array,
    /** The lower root T of the covariance T T', (L x L). */
    private readonly root: Float64Array,
  ) {}

  /**
   * Fit to draws z (n x L) of weights that sum to 1, (n).
   *
   * The draws fall into as many parts as they can tell of: each goes to the nearest of some that
   * are drawn far from each other (k-means++; Arthur, Vassilvitskii, 2007), and then some times to
   * the nearest mean, as far as the covariance within the parts has it. A part's mean and weight
   * are a Gaussian's, and that covariance is that of all. So the mixture has the mean and, but for
   * `WIDER`, the covariance of the draws.
   */
  static fit(z: Float64Array, weight: Float64Array, dims: number, rng: Rng): Cloud {
    const effective = 1 / weight.reduce((sum, w) => sum + w * w, 0);
    const whole = weight.map(() => 0);
    const all = parted(z, weight, dims, whole, 1);
    const y = solved(rootOf(all.within, dims, effective), z, dims);
    const many = Math.max(1, Math.min(MOST, Math.floor(effective / (2 * (dims + 1)))));
    const part = whole.slice();
    const far = whole.slice().fill(Infinity);
    for (let j = 0; j < many; j++) {
      const odds = weight.map((w, i) => Math.log(j ? w * far[i]! : w));
      const seed = resample(odds, 1, rng)[0]!;
      far.forEach((before, i) => {
        const square = squared(y, i, y, seed, dims);
        if (square < before) [far[i], part[i]] = [square, j];
      });
    }
    let found = parted(z, weight, dims, part, many);
    for (let turn = 0; turn < TURNS && many > 1; turn++) {
      const root = rootOf(found.within, dims, effective);
      const nearest = nearestOf(solved(root, z, dims), solved(root, found.means, dims), dims);
      found = parted(z, weight, dims, nearest, many);
    }
    const root = rootOf(found.within.map((value) => WIDER * value), dims, effective);
    return new Cloud(dims, found.share.map(Math.log), found.means, root);
  }

  /** Draws, (rows x L). */
  draw(rows: number, rng: Rng): Float64Array {
    const { dims, means, root } = this;
    const of = resample(this.logShare, rows, rng);
    const eps = rng.normals(rows * dims);
    return eps.map((_, i) => {
      const [row, d] = [Math.floor(i / dims), i % dims];
      let sum = means[of[row]! * dims + d]!;
      for (let k = 0; k <= d; k++) sum += root[d * dims + k]! * eps[row * dims + k]!;
      return sum;
    });
  }

  /** The log density of every row of z (n x L), (n). */
  logDensity(z: Float64Array): Float64Array {
    const { dims, logShare, root } = this;
    const [y, centres] = [solved(root, z, dims), solved(root, this.means, dims)];
    let constant = -dims * LOG_SQRT_2PI;
    for (let d = 0; d < dims; d++) constant -= Math.log(root[d * dims + d]!);
    return Float64Array.from({ length: z.length / dims }, (_, row) => {
      const each = logShare.map((log, j) => log - squared(y, row, centres, j, dims) / 2);
      return constant + logSumExp(each);
    });
  }
}

/** Parts of weighted draws: their weights, means, and the mean covariance within them, (L x L). */
function parted(
  z: Float64Array,
  weight: Float64Array,
  dims: number,
  part: Numbers,
  many: number,
): { share: Float64Array; means: Float64Array; within: Float64Array } {
  const share = new Float64Array(many);
  weight.forEach((w, row) => (share[part[row]!]! += w));
  const means = new Float64Array(many * dims);
  z.forEach((value, i) => {
    const row = Math.floor(i / dims);
    const j = part[row]!;
    if (share[j]) means[j * dims + (i % dims)]! += (weight[row]! * value) / share[j]!;
  });
  const within = new Float64Array(dims * dims);
  weight.forEach((w, row) => {
    if (!w) return;
    const own = means.subarray(part[row]! * dims);
    const away = Float64Array.from({ length: dims }, (_, d) => z[row * dims + d]! - own[d]!);
    for (let a = 0; a < dims; a++) {
      for (let b = 0; b <= a; b++) within[a * dims + b]! += w * away[a]! * away[b]!;
    }
  });
  return { share, means, within };
}

/** Nothing is narrower than the root of this. */
const LEAST = 1e-10;

/**
 * The lower root of a covariance, of which the lower half is read (Cholesky). Correlations are
 * held to be smaller the fewer draws tell of them: so it has a root, however few they are.
 */
function rootOf(covariance: Float64Array, dims: number, effective: number): Float64Array {
  const root = new Float64Array(dims * dims);
  const trust = effective / (effective + dims);
  for (let a = 0; a < dims; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = covariance[a * dims + b]! * (a === b ? 1 : trust);
      for (let k = 0; k < b; k++) sum -= root[a * dims + k]! * root[b * dims + k]!;
      root[a * dims + b] =
        a === b ? Math.sqrt(Math.max(sum, LEAST)) : sum / root[b * dims + b]!;
    }
  }
  return root;
}

/** T^-1 z of every row of z, (n x L). */
function solved(root: Float64Array, z: Float64Array, dims: number): Float64Array {
  const y = z.slice();
  for (let at = 0; at < y.length; at += dims) {
    for (let d = 0; d < dims; d++) {
      let sum = y[at + d]!;
      for (let k = 0; k < d; k++) sum -= root[d * dims + k]! * y[at + k]!;
      y[at + d] = sum / root[d * dims + d]!;
    }
  }
  return y;
}

/** Of each row the number of the nearest centre. */
function nearestOf(y: Float64Array, centres: Float64Array, dims: number): number[] {
  return Array.from({ length: y.length / dims }, (_, row) => {
    let [best, least] = [0, Infinity];
    for (let j = 0; j < centres.length / dims; j++) {
      const square = squared(y, row, centres, j, dims);
      if (square < least) [best, least] = [j, square];
    }
    return best;
  });
}

/** |a_i - b_j|^2 of rows. */
function squared(a: Float64Array, i: number, b: Float64Array, j: number, dims: number): number {
  let sum = 0;
  for (let d = 0; d < dims; d++) sum += (a[i * dims + d]! - b[j * dims + d]!) ** 2;
  return sum;
}
