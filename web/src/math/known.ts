/** What tests hold the page against: models whose log p(x) and posterior are known, and a KL. */

import fixture from '../../fixtures/evidence.json';
import type { LogLikelihood } from './evaluate';
import { fromCovariance, type Gaussian2, whiten } from './gaussian2';
import { logLikelihood } from './likelihood';
import { LOG_SQRT_2PI, type Numbers, sigmoid } from './special';

/**
 * KL(q || p) = (tr(P^-1 Q) + (m_q - m_p)' P^-1 (m_q - m_p)) / 2 - 1 + log(|P| / |Q|) / 2,
 * with the covariances Q and P; `kl2(p, q)` is the reverse.
 */
export function kl2(q: Gaussian2, p: Gaussian2): number {
  const [u, v] = whiten(p, ...q.mean);
  const turn = q.angle - p.angle;
  const [c, s] = [Math.cos(turn) ** 2, Math.sin(turn) ** 2];
  const [a, b] = [q.axes[0] ** 2, q.axes[1] ** 2];
  const trace = (c * a + s * b) / p.axes[0] ** 2 + (s * a + c * b) / p.axes[1] ** 2;
  const volumes = Math.log((p.axes[0] * p.axes[1]) / (q.axes[0] * q.axes[1]));
  return 0.5 * (trace + u * u + v * v) - 1 + volumes;
}

/** x = W z + noise of N(0, s^2), z of two latents: everything about it is a closed form. */
export class LinearGaussian {
  /** @param weight (D x 2). @param sd s. @param x (D). */
  constructor(
    readonly weight: readonly (readonly [number, number])[],
    readonly sd: number,
    readonly x: Numbers,
  ) {}

  /** log N(x; W z, s^2 I). */
  readonly logLikelihood: LogLikelihood = (z, rows) =>
    Float64Array.from({ length: rows }, (_, k) => {
      let sum = 0;
      this.weight.forEach(([a, b], d) => {
        const away = (this.x[d]! - a * z[2 * k]! - b * z[2 * k + 1]!) / this.sd;
        sum += -0.5 * away * away - Math.log(this.sd) - LOG_SQRT_2PI;
      });
      return sum;
    });

  /** p(z|x) = N((I + W'W/s^2)^-1 W'x/s^2, (I + W'W/s^2)^-1). */
  get posterior(): Gaussian2 {
    let [aa, ab, bb, ax, bx] = [1, 0, 1, 0, 0];
    const precision = 1 / this.sd ** 2;
    this.weight.forEach(([a, b], d) => {
      aa += a * a * precision;
      ab += a * b * precision;
      bb += b * b * precision;
      ax += a * this.x[d]! * precision;
      bx += b * this.x[d]! * precision;
    });
    const volume = aa * bb - ab * ab;
    const [xx, xy, yy] = [bb / volume, -ab / volume, aa / volume];
    return fromCovariance([xx * ax + xy * bx, xy * ax + yy * bx], [xx, xy, yy]);
  }

  /** log N(x; 0, W W' + s^2 I), by Sylvester and Woodbury. */
  get logEvidence(): number {
    const post = this.posterior;
    const square = Array.from(this.x).reduce((sum, v) => sum + v * v, 0) / this.sd ** 2;
    let projected = 0;
    this.weight.forEach(([a, b], d) => {
      projected += (this.x[d]! * (a * post.mean[0] + b * post.mean[1])) / this.sd ** 2;
    });
    const logVolume =
      2 * this.x.length * Math.log(this.sd) - 2 * Math.log(post.axes[0] * post.axes[1]);
    return -0.5 * (square - projected) - 0.5 * logVolume - this.x.length * LOG_SQRT_2PI;
  }
}

/** A linear Gaussian model with a correlated posterior. */
export const LINEAR = new LinearGaussian(
  [
    [1.2, 0.3],
    [-0.4, 0.9],
    [0.8, 0.7],
  ],
  0.5,
  [0.9, -1.1, 0.4],
);

type Layer = {
  readonly weight: readonly (readonly number[])[];
  readonly bias?: readonly number[];
};

/** Logits of the fixture's decoder, z (rows x 2) to (rows x 64): two layers and silu. */
export function logits(z: Numbers, rows: number): Float64Array {
  const [first, last] = fixture.decoder as unknown as [Layer, Layer];
  const found = new Float64Array(rows * last.weight.length);
  const hidden = new Float64Array(first.weight.length);
  for (let row = 0; row < rows; row++) {
    first.weight.forEach(([a, b], h) => {
      const sum = a! * z[2 * row]! + b! * z[2 * row + 1]! + first.bias![h]!;
      hidden[h] = sum * sigmoid(sum);
    });
    last.weight.forEach((weight, d) => {
      let sum = fixture.bias[d]!;
      for (let h = 0; h < hidden.length; h++) sum += weight[h]! * hidden[h]!;
      found[row * last.weight.length + d] = sum;
    });
  }
  return found;
}

/** log p(x|z) of the fixture's digit number i. */
export function decoded(i: number): LogLikelihood {
  return (z, rows) => logLikelihood('bernoulli', { logits: logits(z, rows) }, fixture.x[i]!, rows);
}

/** The encoder's q of the fixture's digit number i. */
export function encoded(i: number): Gaussian2 {
  const [mean, axes] = [fixture.q.mean[i]!, fixture.q.sd[i]!];
  return { mean: [mean[0]!, mean[1]!], axes: [axes[0]!, axes[1]!], angle: 0 };
}
