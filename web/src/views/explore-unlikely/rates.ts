/** How often a threshold calls an ordinary example unlikely. */

import { fixed } from '$lib/format';

export interface Rate {
  /** (k + 1) / (n + 1). */
  readonly expected: number;
  /** Wilson's interval of 95 of 100 for the share k / n. */
  readonly low: number;
  readonly high: number;
}

const Z = 1.959963984540054;

/**
 * The share of new examples that fall at or below a threshold, where k of n held-out ones do.
 *
 * The next example of the same kind is as likely to have any rank among n + 1 as any other, so
 * (k + 1) / (n + 1) bounds the probability from above (conformal p-values; Vovk et al., 2005); the
 * interval is Wilson's (1927).
 */
export function falsePositives(k: number, n: number): Rate {
  const share = k / n;
  const square = (Z * Z) / n;
  const middle = (share + square / 2) / (1 + square);
  const half = (Z / (1 + square)) * Math.sqrt((share * (1 - share)) / n + square / (4 * n));
  return {
    expected: (k + 1) / (n + 1),
    low: Math.max(0, middle - half),
    high: Math.min(1, middle + half),
  };
}

/** A share of 100: never all, or none, where it is nearly so. */
export function percent(share: number): string {
  let decimals = share < 0.1 ? 2 : 1;
  const isEnd = (): boolean => [0, 100].includes(Number((100 * share).toFixed(decimals)));
  if (share > 0 && share < 1) while (isEnd() && decimals < 9) decimals++;
  return fixed(100 * share, decimals);
}

/**
 * The ends of a threshold that is written with so many decimals, for rising scores: at the upper one
 * or below lie all of them, at the lower one or below none but whoever is that very number.
 */
export function ends(rising: ArrayLike<number>, decimals: number): [low: number, high: number] {
  const [least, most] = [rising[0] ?? -1, rising[rising.length - 1] ?? 0];
  const unit = 10 ** decimals;
  const said = (value: number): number => Number((value / unit).toFixed(decimals));
  let [low, high] = [said(Math.floor(least * unit)), said(Math.ceil(most * unit))];
  // A product may be rounded to the wrong side of a whole number.
  if (low > least) low = said(Math.round(low * unit) - 1);
  if (high < most || high === low) high = said(Math.round(high * unit) + 1);
  return [low, high];
}

/** How many of the first `k` of rising scores each bin of their histogram holds. */
export function within(counts: Iterable<number>, k: number): number[] {
  let left = k;
  return Array.from(counts, (n) => {
    const here = Math.min(n, left);
    left -= here;
    return here;
  });
}

/** The mean of the scores that are wanted, what is no number left out; NaN of none. */
export function meanOf(scores: ArrayLike<number>, isWanted: (place: number) => boolean): number {
  let [sum, n] = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] as number;
    if (!isWanted(i) || Number.isNaN(score)) continue;
    sum += score;
    n++;
  }
  return sum / n;
}

/** Numbers of the examples from the least likely, what is no number left out. */
export function leastFirst(scores: ArrayLike<number>): Uint32Array {
  const order = Array.from({ length: scores.length }, (_, i) => i).filter(
    (i) => !Number.isNaN(scores[i]),
  );
  order.sort((a, b) => (scores[a] as number) - (scores[b] as number) || a - b);
  return Uint32Array.from(order);
}
