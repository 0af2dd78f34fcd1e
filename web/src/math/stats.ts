/** Summaries of rows and columns: percentiles, histograms, rate and distortion, active latents. */

import type { Numbers } from './special';

/** The mean of a row. */
export function mean(row: Numbers): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i]!;
  return sum / row.length;
}

/** The variance of a row, sum (x - mean)^2 / n, or over n - 1 with `ddof` 1. */
export function variance(row: Numbers, ddof = 0): number {
  const centre = mean(row);
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += (row[i]! - centre) ** 2;
  return sum / (row.length - ddof);
}

/** Column d of rows (n x L), (n). */
export function column(rows: Numbers, dims: number, d: number): Float64Array {
  return Float64Array.from({ length: rows.length / dims }, (_, i) => rows[i * dims + d]!);
}

/** A row in rising order, what is no number left out. */
export function sorted(row: Numbers): Float64Array {
  return Float64Array.from(row)
    .filter((v) => v === v)
    .sort();
}

/** The value below which a share (0 to 1) of a sorted row lies, linear between neighbours. */
export function quantile(rising: Numbers, share: number): number {
  if (rising.length === 0) return NaN;
  const at = share * (rising.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, rising.length - 1);
  return rising[low]! + (at - low) * (rising[high]! - rising[low]!);
}

/** The share of a sorted row that lies below a value, equals counted by half: 0 to 1. */
export function rank(rising: Numbers, value: number): number {
  const [below, upTo] = [count(rising, value, false), count(rising, value, true)];
  return (below + upTo) / 2 / rising.length;
}

/** How many of a sorted row are below a value, or at most that. */
function count(rising: Numbers, value: number, equal: boolean): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle]! < value || (equal && rising[middle]! === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Counts in equal bins. */
export interface Histogram {
  readonly counts: Uint32Array;
  /** Their edges, one more than there are bins. */
  readonly edges: Float64Array;
}

/**
 * Counts of a row in equal bins over its span, or over one that is given; what lies outside is
 * left out, and a value at the last edge belongs to the last bin.
 */
export function histogram(
  row: Numbers,
  bins: number,
  span?: readonly [number, number],
): Histogram {
  let [low, high] = span ?? [Infinity, -Infinity];
  if (!span) {
    for (let i = 0; i < row.length; i++) {
      if (row[i]! < low) low = row[i]!;
      if (row[i]! > high) high = row[i]!;
    }
    if (!(low <= high)) [low, high] = [0, 1];
    if (low === high) [low, high] = [low - 0.5, high + 0.5];
  }
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins);
  const counts = new Uint32Array(bins);
  for (let i = 0; i < row.length; i++) {
    const value = row[i]!;
    if (!(value >= low && value <= high)) continue;
    let bin = Math.min(Math.floor(((value - low) / (high - low)) * bins), bins - 1);
    // Rounding must not put a value on the wrong side of an edge.
    if (value < edges[bin]!) bin -= 1;
    else if (bin < bins - 1 && value >= edges[bin + 1]!) bin += 1;
    counts[bin]! += 1;
  }
  return { counts, edges };
}

/** From this variance of its posterior means a latent counts as active (Burda et al., 2016). */
export const ACTIVE_VARIANCE = 0.01;

/** Which latents are active: Var_x(E_q[z_d|x]) > 0.01, for posterior means (n x L), (L). */
export function active(means: Numbers, dims: number): boolean[] {
  return Array.from(
    { length: dims },
    (_, d) => variance(column(means, dims, d), 1) > ACTIVE_VARIANCE,
  );
}

/** Numbers of the latents by their KL, the largest first; equals stay in order. */
export function byKl(kl: Numbers): number[] {
  return Array.from({ length: kl.length }, (_, d) => d).sort((a, b) => kl[b]! - kl[a]!);
}

/** A model in the plane of rate and distortion, nats. */
export interface Point {
  /** The mean KL(q(z|x) || p(z)), what the code costs. */
  readonly rate: number;
  /** -E_q[log p(x|z)], what is lost; ELBO = -rate - distortion. */
  readonly distortion: number;
}

/** -rate - distortion, the ELBO: lines of slope -1 are of models that are equally good. */
export function elboOf(point: Point): number {
  return -point.rate - point.distortion;
}

/** The objective of a beta-VAE, -distortion - beta rate (Alemi et al., 2018), nats. */
export function betaElbo(point: Point, beta: number): number {
  return -point.distortion - beta * point.rate;
}

/** How many of some places have which label, most first. */
export function tally(labels: Numbers, places: Numbers): [label: number, count: number][] {
  const all = new Map<number, number>();
  for (let i = 0; i < places.length; i++) {
    const label = labels[places[i]!]!;
    all.set(label, (all.get(label) ?? 0) + 1);
  }
  return [...all].sort((a, b) => b[1] - a[1]);
}
