/** Two models in numbers: means, paired differences, and the examples in which they differ. */

import type { Evaluation } from '$lib/source/description';
import { differences, paired, type Paired } from '$math/paired';
import type { Numbers } from '$math/special';
import { mean } from '$math/stats';

export type Key = 'elbo' | 'reconstruction' | 'kl';
export const KEYS: readonly Key[] = ['elbo', 'reconstruction', 'kl'];

export interface Measure {
  readonly key: Key;
  /** Means over the examples, nats. */
  readonly a: number;
  readonly b: number;
  /** b - a of each example, (n). */
  readonly each: Float64Array;
  readonly difference: Paired;
}

/** Return a number of both models with its paired difference; nothing where either has none. */
export function measured(key: Key, a: Numbers | undefined, b: Numbers | undefined): Measure[] {
  if (!a?.length || !b?.length) return [];
  const each = differences(a, b);
  return [{ key, a: mean(a), b: mean(b), each, difference: paired(each) }];
}

export type Choice = 'most' | 'a' | 'b' | 'first';

/**
 * Return examples by how the models differ in them: where either is better by the most, where a is,
 * where b is, or the first ones.
 */
export function chosen(each: Numbers, by: Choice, most: number): number[] {
  const known = Array.from({ length: each.length }, (_, i) => i).filter((i) => each[i] === each[i]);
  if (by === 'first') return known.slice(0, most);
  const score = { most: (d: number) => Math.abs(d), a: (d: number) => -d, b: (d: number) => d }[by];
  return known.sort((i, j) => score(each[j]!) - score(each[i]!) || i - j).slice(0, most);
}

export interface Evidence {
  readonly split: string;
  readonly a: Evaluation | undefined;
  readonly b: Evaluation | undefined;
  /** -log p(x), nats, of b less that of a; nothing where they are not of the same examples. */
  readonly difference: number | undefined;
}

type Splits = Readonly<Record<string, Evaluation>>;

/** Return what was evaluated of log p(x), of the test data or of what else there is. */
export function evidence(a: Splits, b: Splits): Evidence | undefined {
  for (const split of new Set(['test', ...Object.keys(a), ...Object.keys(b)])) {
    const [one, other] = [a, b].map((of) => (of[split]?.log_likelihood == null ? undefined : of[split]));
    if (!one && !other) continue;
    const isSame = one && other && one.n_examples === other.n_examples;
    const difference = isSame ? one.log_likelihood! - other.log_likelihood! : undefined;
    return { split, a: one, b: other, difference };
  }
  return undefined;
}
