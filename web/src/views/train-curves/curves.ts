/** Rows of metrics as curves: what is drawn, between which bounds, and which epoch is the best. */

import type { MetricsRow } from '$lib/source/description';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Split = MetricsRow['split'];

/** What curves are drawn over: epochs, steps of the optimizer, or seconds of training. */
export type By = 'epoch' | 'step' | 'seconds';

/** A curve with its name, as it is drawn and read. */
export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
  /** As CSS writes it; that of what is faint where it is left out. */
  readonly colour?: string;
  /** Whether it stands behind the others. */
  readonly isFaint?: boolean;
  /** Where a ring marks it. */
  readonly ring?: number | undefined;
}

/** Return the known values of one number, by epoch or by what else is said. */
export function curve(rows: readonly MetricsRow[], key: string, split: Split, by: By = 'epoch'): Point[] {
  const at = placing(rows, by);
  return rows
    .filter((row) => row.split === split && Number.isFinite(row[key]))
    .map((row) => ({ x: at(row), y: row[key] as number }));
}

/** Return where a row of a run lies along an axis. */
export function placing(rows: readonly MetricsRow[], by: By): (row: MetricsRow) => number {
  if (by !== 'seconds') return (row) => row[by];
  const spent = new Map<number, number>();
  let all = 0;
  // Both rows of an epoch tell its seconds.
  for (const { epoch, seconds } of rows) if (!spent.has(epoch)) spent.set(epoch, (all += seconds));
  return ({ epoch }) => spent.get(epoch) ?? NaN;
}

/** Return the point of a curve that is nearest to a place; none before it begins and after its end. */
export function pointAt(points: readonly Point[], at: number): Point | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || at < first.x || at > last.x) return undefined;
  // Nothing was measured between two points.
  return points.reduce((best, one) => (Math.abs(one.x - at) < Math.abs(best.x - at) ? one : best));
}

/** Whether curves are known at other places, so that of each it has to be said at which it is read. */
export function areApart(lines: readonly Pick<Line, 'points'>[]): boolean {
  const stops = [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))];
  return lines.some(({ points }) => {
    const own = new Set(points.map(({ x }) => x));
    return stops.some((at) => !own.has(at) && pointAt(points, at));
  });
}

/** Return the row by which the run's weights were chosen: of the best objective, or ELBO. */
export function best(rows: readonly MetricsRow[]): MetricsRow | undefined {
  let found: MetricsRow | undefined;
  const score = (row: MetricsRow): number => (row['objective'] as number | undefined) ?? row.elbo ?? -Infinity;
  for (const row of rows) {
    if (row.split === 'validation' && (!found || score(row) > score(found))) found = row;
  }
  return found;
}

/**
 * Return the bounds between which curves are shown: of all points, but for the first epochs of a
 * long run, which would press everything else into a line.
 */
export function bounds(curves: readonly (readonly Point[])[]): [number, number] {
  // Of each its own first tenth: a short run beside a long one is seen as well.
  const seen = curves.flatMap((points) =>
    points.slice(points.length > 10 ? Math.ceil(0.1 * (points.length - 1)) : 0).map(({ y }) => y),
  );
  if (!seen.length) return [0, 1];
  const [low, high] = [Math.min(...seen), Math.max(...seen)];
  const room = 0.08 * (high - low) || Math.abs(high) * 0.02 || 1;
  return [low - room, high + room];
}

/** Points that lie outside of bounds: of which epochs, and how far the furthest is. */
export interface Outside {
  readonly first: number;
  readonly last: number;
  readonly furthest: number;
}

/** Return what lies below, and what above the bounds. */
export function outside(
  curves: readonly (readonly Point[])[],
  [low, high]: readonly [number, number],
): { readonly below?: Outside; readonly above?: Outside } {
  const told = (points: readonly Point[], furthest: (...values: number[]) => number): Outside | undefined => {
    const epochs = points.map(({ x }) => x);
    if (!points.length) return undefined;
    return { first: Math.min(...epochs), last: Math.max(...epochs), furthest: furthest(...points.map(({ y }) => y)) };
  };
  const points = curves.flat();
  const below = told(points.filter(({ y }) => y < low), Math.min);
  const above = told(points.filter(({ y }) => y > high), Math.max);
  return { ...(below && { below }), ...(above && { above }) };
}

export interface Share {
  /** What it is: the number of a latent or of a group, from 0. */
  readonly place: number;
  /** Nats by epoch; NaN where they are not known. */
  readonly nats: readonly number[];
}

export interface Shares {
  readonly by: 'latent' | 'group';
  readonly epochs: readonly number[];
  readonly shares: readonly Share[];
}

/**
 * Return how the KL of validation data is spread: over the groups of a ladder in their order, or
 * over latents, the one that costs most today first.
 */
export function spread(rows: readonly MetricsRow[]): Shares | undefined {
  const own = rows.filter((row) => row.split === 'validation');
  const key = own.some((row) => row['kl_by_group']) ? 'kl_by_group' : 'kl_per_dim';
  const known = own.filter((row) => Array.isArray(row[key]));
  const last = known.at(-1)?.[key] as readonly number[] | undefined;
  if (!last) return undefined;
  const shares = last.map((_, place) => ({
    place,
    nats: known.map((row) => (row[key] as readonly number[])[place] ?? NaN),
  }));
  if (key === 'kl_per_dim') shares.sort((a, b) => (last[b.place] ?? 0) - (last[a.place] ?? 0));
  return {
    by: key === 'kl_by_group' ? 'group' : 'latent',
    epochs: known.map(({ epoch }) => epoch),
    shares,
  };
}

/** Return at most so many of some things, the first and the last among them, evenly apart. */
export function some<T>(of: readonly T[], most: number): T[] {
  if (of.length <= most) return [...of];
  if (most < 2) return of.slice(-1);
  const places = Array.from({ length: most }, (_, i) => Math.round((i * (of.length - 1)) / (most - 1)));
  return places.map((place) => of[place] as T);
}

/** Return a time as a clock writes it: 0:42, 3:05, 2:10:00. */
export function time(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
