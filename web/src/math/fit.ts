/** The best Gaussian q(z|x) for one x: "beat the encoder". */

import { evaluate, type LogLikelihood, type Work } from './evaluate';
import { type Gaussian2, fromTriangle, triangle } from './gaussian2';
import { meanOver, type Nodes } from './nodes';
import type { Diagonal } from './gaussian';
import { type Gaussian, variational } from './variational';

/** The best q that was found. */
export interface Fitted<Q extends Gaussian> {
  readonly q: Q;
  /** Its ELBO over the nodes, nats. */
  readonly elbo: number;
  /** How many steps were taken. */
  readonly steps: number;
}

/** How q is looked for. */
export interface Search extends Work {
  /** Steps at most; 60 where not given. */
  readonly steps?: number | undefined;
  /** Nats by which a step must rise for another to be taken; 1e-6 where not given. */
  readonly tolerance?: number | undefined;
  /** Half the distance over which log p(x|z) is differentiated; 1e-3 where not given. */
  readonly distance?: number | undefined;
  /** Is told of every q on the way. */
  readonly step?: ((q: Gaussian, elbo: number) => void) | undefined;
}

/** q as plain numbers: means, then the triangle, its diagonal as logarithms. */
interface Shape<Q extends Gaussian> {
  readonly dims: number;
  read(theta: Float64Array): { q: Q; lower: Float64Array };
}

const plane: Shape<Gaussian2> = {
  dims: 2,
  read(t) {
    const lower = Float64Array.of(Math.exp(t[2]!), 0, t[4]!, Math.exp(t[3]!));
    return { q: fromTriangle([t[0]!, t[1]!], [lower[0]!, lower[2]!, lower[3]!]), lower };
  },
};

function independent(dims: number): Shape<Diagonal> {
  return {
    dims,
    read(t) {
      const lower = new Float64Array(dims * dims);
      for (let d = 0; d < dims; d++) lower[d * dims + d] = Math.exp(t[dims + d]!);
      return { q: { mean: t.slice(0, dims), sd: t.slice(dims, 2 * dims).map(Math.exp) }, lower };
    },
  };
}

/**
 * Climb the ELBO of one x in q's own parameters, from the encoder's q.
 *
 * The noise stays the same, so that the ELBO is one smooth function of mean and triangle; its
 * gradient is the reparameterized one, sum_k w_k (d log p(x|z_k) / dz) (d z_k / d theta), with log
 * p(x|z) differentiated by central differences, and the KL's in closed form. Steps are those of
 * BFGS.
 *
 * @param f log p(x|z).
 * @param start Where to begin: independent latents stay independent, two with axes may turn.
 * @param nodes Frozen noise, or (for two latents) a quadrature.
 */
export async function fit<Q extends Gaussian>(
  f: LogLikelihood,
  start: Q,
  nodes: Nodes,
  how: Search = {},
): Promise<Fitted<Q>> {
  const q: Gaussian = start;
  const theta = written(q);
  const shape = ('axes' in q ? plane : independent(q.mean.length)) as Shape<Gaussian>;
  const { steps = 60, tolerance = 1e-6 } = how;
  const value = (t: Float64Array): Promise<number> => bound(f, shape, t, nodes, how);
  const slope = (t: Float64Array): Promise<Float64Array> => gradient(f, shape, t, nodes, how);
  const found = await climb(theta, value, slope, steps, tolerance, (t, elbo) =>
    how.step?.(shape.read(t).q, elbo),
  );
  return { q: shape.read(found.theta).q as Q, elbo: found.value, steps: found.steps };
}

function written(q: Gaussian): Float64Array {
  if ('axes' in q) {
    const [l11, l21, l22] = triangle(q);
    return Float64Array.of(...q.mean, Math.log(l11), Math.log(l22), l21);
  }
  return Float64Array.of(...Array.from(q.mean), ...Array.from(q.sd, Math.log));
}

/** z_k = mean + T eps_k. */
function placed(
  t: Float64Array,
  lower: Float64Array,
  dims: number,
  eps: Float64Array,
): Float64Array {
  const z = new Float64Array(eps.length);
  for (let i = 0; i < z.length; i++) {
    const [row, d] = [i - (i % dims), i % dims];
    let sum = t[d]!;
    for (let e = 0; e <= d; e++) sum += lower[d * dims + e]! * eps[row + e]!;
    z[i] = sum;
  }
  return z;
}

async function bound(
  f: LogLikelihood,
  shape: Shape<Gaussian>,
  t: Float64Array,
  nodes: Nodes,
  work: Work,
): Promise<number> {
  const { q, lower } = shape.read(t);
  const z = placed(t, lower, shape.dims, nodes.eps);
  return meanOver(nodes, await evaluate(f, z, shape.dims, work)).mean - variational(q).kl;
}

async function gradient(
  f: LogLikelihood,
  shape: Shape<Gaussian>,
  t: Float64Array,
  nodes: Nodes,
  how: Search,
): Promise<Float64Array> {
  const { dims } = shape;
  const { lower } = shape.read(t);
  const z = placed(t, lower, dims, nodes.eps);
  const slope = await slopes(f, z, dims, how);
  const found = new Float64Array(t.length);
  const pull = new Float64Array(dims * dims); // sum_k w_k (d f / d z_d) eps_e
  for (let k = 0; k < nodes.weight.length; k++) {
    for (let d = 0; d < dims; d++) {
      const share = nodes.weight[k]! * slope[k * dims + d]!;
      found[d]! += share;
      for (let e = 0; e <= d; e++) pull[d * dims + e]! += share * nodes.eps[k * dims + e]!;
    }
  }
  // KL = (|m|^2 + |T|^2 - L) / 2 - sum_d log T_dd.
  for (let d = 0; d < dims; d++) {
    found[d]! -= t[d]!;
    const own = lower[d * dims + d]!;
    found[dims + d] = (pull[d * dims + d]! - own) * own + 1;
  }
  if (t.length > 2 * dims) found[4] = pull[2]! - lower[2]!;
  return found;
}

/** d f / d z at every row, by central differences, (K x L). */
async function slopes(
  f: LogLikelihood,
  z: Float64Array,
  dims: number,
  how: Search,
): Promise<Float64Array> {
  const { distance = 1e-3 } = how;
  const found = new Float64Array(z.length);
  for (let d = 0; d < dims; d++) {
    const moved = (by: number): Float64Array => z.map((v, i) => (i % dims === d ? v + by : v));
    const above = await evaluate(f, moved(distance), dims, how);
    const below = await evaluate(f, moved(-distance), dims, how);
    for (let k = 0; k < above.length; k++) {
      found[k * dims + d] = (above[k]! - below[k]!) / (2 * distance);
    }
  }
  return found;
}

/** Maximise a function by BFGS with steps that are halved until they rise enough. */
async function climb(
  theta: Float64Array,
  value: (t: Float64Array) => Promise<number>,
  slope: (t: Float64Array) => Promise<Float64Array>,
  steps: number,
  tolerance: number,
  told: (t: Float64Array, value: number) => void,
): Promise<{ theta: Float64Array; value: number; steps: number }> {
  const n = theta.length;
  let [here, rise] = [await value(theta), await slope(theta)];
  let inverse = unit(n, 1 / Math.max(1, Math.hypot(...rise)));
  let fresh = true;
  let step = 0;
  for (; step < steps; step++) {
    let way = times(inverse, rise);
    let promised = dot(way, rise);
    if (!(promised > 0)) {
      inverse = unit(n, 1 / Math.max(1, Math.hypot(...rise)));
      way = times(inverse, rise);
      promised = dot(way, rise);
    }
    const found = await along(theta, way, here, promised, value);
    if (!found) {
      if (fresh) break;
      // Perhaps it is the curvature that is wrong: once more, straight up.
      inverse = unit(n, 1 / Math.max(1, Math.hypot(...rise)));
      fresh = true;
      continue;
    }
    const next = await slope(found.theta);
    const moved = found.theta.map((t, i) => t - theta[i]!);
    inverse = updated(
      inverse,
      moved,
      rise.map((r, i) => r - next[i]!),
      fresh,
    );
    fresh = false;
    const gained = found.value - here;
    [theta, here, rise] = [found.theta, found.value, next];
    told(theta, here);
    if (gained < tolerance) break;
  }
  return { theta, value: here, steps: step };
}

async function along(
  theta: Float64Array,
  way: Float64Array,
  here: number,
  promised: number,
  value: (t: Float64Array) => Promise<number>,
): Promise<{ theta: Float64Array; value: number } | null> {
  // No parameter, a logarithm or a mean, moves by more than one at once.
  let length = Math.min(1, 1 / way.reduce((most, w) => Math.max(most, Math.abs(w)), 1e-300));
  for (let halving = 0; halving < 25; halving++, length /= 2) {
    const tried = theta.map((t, i) => t + length * way[i]!);
    const found = await value(tried);
    if (found > here + 1e-4 * length * promised) return { theta: tried, value: found };
  }
  return null;
}

function unit(n: number, by: number): Float64Array {
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) matrix[i * n + i] = by;
  return matrix;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, v, i) => sum + v * b[i]!, 0);
}

function times(matrix: Float64Array, v: Float64Array): Float64Array {
  const n = v.length;
  return v.map((_, i) => dot(matrix.subarray(i * n, (i + 1) * n), v));
}

/** The inverse Hessian of -f after a step s that changed its gradient by y (BFGS). */
function updated(
  inverse: Float64Array,
  s: Float64Array,
  y: Float64Array,
  fresh: boolean,
): Float64Array {
  const n = s.length;
  const curvature = dot(s, y);
  if (!(curvature > 1e-12)) return inverse;
  const base = fresh ? unit(n, curvature / dot(y, y)) : inverse;
  const along = times(base, y);
  const scale = (1 + dot(y, along) / curvature) / curvature;
  return base.map((h, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return h + scale * s[i]! * s[j]! - (along[i]! * s[j]! + s[i]! * along[j]!) / curvature;
  });
}
