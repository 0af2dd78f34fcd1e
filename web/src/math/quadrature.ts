/**
 * log p(x) and the true posterior p(z|x) of one or two latents, by cells that refine themselves.
 */

import { evaluate, type LogLikelihood, type Work } from './evaluate';
import { logStandard } from './gaussian';
import { type Covariance, fromCovariance, type Gaussian2 } from './gaussian2';
import { logSumExp } from './special';

/** The cells that cover the latent space, finer where p(x, z) is. */
export interface Cells {
  readonly dims: 1 | 2;
  /** Centres, (N x L). */
  readonly z: Float64Array;
  /** The logarithm of the volume of each, (N). */
  readonly logVolume: Float64Array;
  /** log p(x, z) at each centre, (N) nats. */
  readonly logJoint: Float64Array;
  /** log p(x) = log sum_i volume_i p(x, z_i), nats. */
  readonly logEvidence: number;
  /** What the last refinement changed and unresolved cells may add, nats. */
  readonly error: number;
}

/** How exact, and how far at most. */
export interface Refinement extends Work {
  /** Change of log p(x) in nats below which refinement ends; 1e-5 where not given. */
  readonly tolerance?: number | undefined;
  /** Standard deviations of the prior that the first cells reach; 8 where not given. */
  readonly reach?: number | undefined;
  /** Points (n x L) where p(x, z) may have a narrow peak, the mean of q(z|x) say. */
  readonly probes?: Float64Array | undefined;
  /** Cells at which no more are made; 60,000 where not given. */
  readonly most?: number | undefined;
}

// Nats below the heaviest cell at which a cell is no longer refined, and that log p(x, z) may rise
// within a cell before its centre does not stand for it; cells along a side at first; halvings.
const [KEPT, RISE, LEVELS] = [25, 3, 14];
const FIRST = { 1: 512, 2: 64 } as const;
// What the cells that are left coarse may hold, nats: a good many times exp(-25).
const LEFT_OUT = 1e-9;

/** Cells of one size that may still be halved. */
interface Layer {
  readonly z: Float64Array;
  readonly joint: Float64Array;
  /** How far log p(x, z) may rise from the centre to an edge, nats. */
  readonly rise: Float64Array;
}

/**
 * Cover the latent space with cells, finer where p(x, z) has weight, by the midpoint rule:
 * p(x) = integral of p(x|z) p(z) dz = sum_i volume_i p(x|z_i) p(z_i).
 *
 * @param f log p(x|z).
 * @param dims The number of latents, of prior N(0, I).
 */
export async function refine(f: LogLikelihood, dims: 1 | 2, how: Refinement = {}): Promise<Cells> {
  const { tolerance = 1e-5, reach = 8, probes = new Float64Array(0), most = 60_000 } = how;
  const joint = async (z: Float64Array): Promise<Float64Array> =>
    (await evaluate(f, z, dims, how)).map((value, i) => value + logStandard(z, dims, i));
  const peaks = await joint(probes);
  let size = (2 * reach) / FIRST[dims];
  const probed = (layer: Layer): Layer => raised(layer, dims, size, probes, peaks);
  const settled: { z: Float64Array; joint: Float64Array; logVolume: number }[] = [];
  let rest = -Infinity;
  let layer = probed(await first(joint, dims, size));
  let before = logSumExp(layer.joint) + dims * Math.log(size);
  let error = Infinity;
  for (let level = 0; level < LEVELS && error > Math.max(tolerance, LEFT_OUT); level++) {
    const logVolume = dims * Math.log(size);
    const [going, done] = parted(layer, dims, peaks);
    settled.push({ z: done.z, joint: done.joint, logVolume });
    rest = logSumExp([rest, logSumExp(done.joint) + logVolume]);
    const z = halved(going.z, dims, size);
    const values = await joint(z);
    size /= 2;
    layer = probed({ z, joint: values, rise: slopes(values, dims) });
    const after = logSumExp([rest, logSumExp(values) + dims * Math.log(size)]);
    error = Math.abs(after - before) + hidden(layer, after - dims * Math.log(size));
    before = after;
    if (values.length * 2 ** dims > most) break;
  }
  settled.push({ z: layer.z, joint: layer.joint, logVolume: dims * Math.log(size) });
  return { dims, ...together(settled), logEvidence: before, error };
}

async function first(
  joint: (z: Float64Array) => Promise<Float64Array>,
  dims: 1 | 2,
  size: number,
): Promise<Layer> {
  const side = FIRST[dims];
  const z = new Float64Array(side ** dims * dims);
  for (let i = 0; i < z.length / dims; i++) {
    z[i * dims] = ((i % side) + 0.5 - side / 2) * size;
    if (dims === 2) z[i * 2 + 1] = (Math.floor(i / side) + 0.5 - side / 2) * size;
  }
  const values = await joint(z);
  // The steeper of both sides: for what is concave no point of a cell is above what it promises.
  const rise = values.map((value, i) => {
    let sum = 0;
    for (let d = 0, step = 1; d < dims; d++, step *= side) {
      const at = Math.floor(i / step) % side;
      const down = at > 0 ? Math.abs(value - values[i - step]!) : 0;
      const up = at < side - 1 ? Math.abs(value - values[i + step]!) : 0;
      sum += 0.5 * Math.max(down, up);
    }
    return sum;
  });
  return { z, joint: values, rise };
}

/** The rise of children, told by their differences from the others of the same parent. */
function slopes(joint: Float64Array, dims: 1 | 2): Float64Array {
  const children = 2 ** dims;
  return joint.map((value, i) => {
    const family = i - (i % children);
    let sum = 0;
    for (let d = 0; d < dims; d++) {
      const other = family + ((i % children) ^ (1 << d));
      // Half the step between two centres, and as much again for a slope that grows outwards.
      sum += Math.abs(value - joint[other]!);
    }
    return sum;
  });
}

/** The same cells, those near a probe with the rise that was found there. */
function raised(
  layer: Layer,
  dims: number,
  size: number,
  probes: Float64Array,
  peaks: Float64Array,
): Layer {
  const rise = layer.rise.slice();
  for (let k = 0; k < peaks.length; k++) {
    for (let i = 0; i < rise.length; i++) {
      let near = true;
      for (let d = 0; d < dims && near; d++) {
        near = Math.abs(layer.z[i * dims + d]! - probes[k * dims + d]!) < 1.5 * size;
      }
      if (near) rise[i] = Math.max(rise[i]!, peaks[k]! - layer.joint[i]!);
    }
  }
  return { ...layer, rise };
}

/** The cells that may matter, and those that are left as they are. */
function parted(layer: Layer, dims: number, peaks: Float64Array): [Layer, Layer] {
  let best = -Infinity;
  for (const value of layer.joint) best = Math.max(best, value);
  for (const value of peaks) best = Math.max(best, value);
  const matters = (i: number): boolean => layer.joint[i]! + layer.rise[i]! > best - KEPT;
  const chosen = (wanted: boolean): Layer => ({
    z: layer.z.filter((_, i) => matters(Math.floor(i / dims)) === wanted),
    joint: layer.joint.filter((_, i) => matters(i) === wanted),
    rise: layer.rise.filter((_, i) => matters(i) === wanted),
  });
  return [chosen(true), chosen(false)];
}

/** Centres of the 2^L halves of every cell, those of one parent together. */
function halved(z: Float64Array, dims: 1 | 2, size: number): Float64Array {
  const children = 2 ** dims;
  const found = new Float64Array(z.length * children);
  for (let i = 0; i < found.length / dims; i++) {
    for (let d = 0; d < dims; d++) {
      const side = (i >> d) & 1 ? size / 4 : -size / 4;
      found[i * dims + d] = z[Math.floor(i / children) * dims + d]! + side;
    }
  }
  return found;
}

/** How much log p(x) would grow if every unresolved cell were all peak, nats. */
function hidden(layer: Layer, logCount: number): number {
  const unresolved = layer.joint.map((value, i) =>
    layer.rise[i]! > RISE ? value + layer.rise[i]! : -Infinity,
  );
  return Math.log1p(Math.exp(logSumExp(unresolved) - logCount));
}

function together(
  parts: readonly { z: Float64Array; joint: Float64Array; logVolume: number }[],
): Pick<Cells, 'z' | 'logVolume' | 'logJoint'> {
  const count = parts.reduce((sum, part) => sum + part.joint.length, 0);
  const dims = parts.reduce((sum, part) => sum + part.z.length, 0) / count;
  const z = new Float64Array(count * dims);
  const [logVolume, logJoint] = [new Float64Array(count), new Float64Array(count)];
  let at = 0;
  for (const part of parts) {
    z.set(part.z, at * dims);
    logJoint.set(part.joint, at);
    logVolume.fill(part.logVolume, at, (at += part.joint.length));
  }
  return { z, logVolume, logJoint };
}

/**
 * The probability p(z|x) dz of each cell, exp(log p(x, z_i) - log p(x)) volume_i; they sum to one.
 */
export function masses(cells: Cells): Float64Array {
  return cells.logJoint.map((value, i) =>
    Math.exp(value + cells.logVolume[i]! - cells.logEvidence),
  );
}

/** Mean and covariance of p(z|x), (L) and (L x L). */
export function moments(cells: Cells): { mean: Float64Array; covariance: Float64Array } {
  const { dims, z } = cells;
  const mass = masses(cells);
  const mean = new Float64Array(dims);
  mass.forEach((m, i) => {
    for (let d = 0; d < dims; d++) mean[d]! += m * z[i * dims + d]!;
  });
  const square = new Float64Array(dims * dims);
  mass.forEach((m, i) => {
    for (let d = 0; d < dims; d++) {
      for (let e = 0; e < dims; e++) {
        square[d * dims + e]! += m * (z[i * dims + d]! - mean[d]!) * (z[i * dims + e]! - mean[e]!);
      }
    }
  });
  return { mean, covariance: square };
}

/** The Gaussian of the mean and covariance of p(z|x) of two latents: the nearest by KL(p || q). */
export function matched(cells: Cells): Gaussian2 {
  const { mean, covariance } = moments(cells);
  const both: Covariance = [covariance[0]!, covariance[1]!, covariance[3]!];
  return fromCovariance([mean[0]!, mean[1]!], both);
}

/** E_{p(z|x)}[log p(z|x)], minus the entropy of the true posterior, nats. */
export function negativeEntropy(cells: Cells): number {
  const mass = masses(cells);
  return mass.reduce(
    (sum, m, i) => (m > 0 ? sum + m * (cells.logJoint[i]! - cells.logEvidence) : sum),
    0,
  );
}

/** The window of a heat map: [[left, right], [bottom, top]]. */
export type Window = readonly [readonly [number, number], readonly [number, number]];

/** Centres of n x n cells of a window, rows from the top down, (n n x 2). */
export function lattice(n: number, window: Window): Float64Array {
  const [[left, right], [bottom, top]] = window;
  const z = new Float64Array(2 * n * n);
  for (let i = 0; i < n * n; i++) {
    z[2 * i] = left + ((right - left) * ((i % n) + 0.5)) / n;
    z[2 * i + 1] = top - ((top - bottom) * (Math.floor(i / n) + 0.5)) / n;
  }
  return z;
}

/**
 * log p(z|x) = log p(x|z) + log p(z) - log p(x) on n x n cells of a window, rows from the top
 * down: a heat map of the true posterior.
 */
export async function heatMap(
  f: LogLikelihood,
  n: number,
  window: Window,
  logEvidence: number,
  work: Work = {},
): Promise<Float64Array> {
  const z = lattice(n, window);
  const values = await evaluate(f, z, 2, work);
  return values.map((value, i) => value + logStandard(z, 2, i) - logEvidence);
}
