/** Conditions c of p(x|c): as a user says them, and as the graphs take them. */

import { fixed } from '$lib/format';
import type { Condition } from '$lib/source/description';

/** One value each: the number of a class, or a number as it is. */
export type Values = readonly number[];

/** What holds where nothing is said: the first class, or the mean. */
export const usualOf = (conditions: readonly Condition[]): Values =>
  conditions.map(({ classes, mean }) => (classes.length ? 0 : mean));

/** The numbers that the graphs take, (C): a one for the class, or deviations from the mean. */
export function rowOf(conditions: readonly Condition[], c: Values): Float32Array {
  return Float32Array.from(
    conditions.flatMap(({ classes, mean, std }, i) => {
      const value = c[i] ?? 0;
      if (!classes.length) return [(value - mean) / (std || 1)];
      return classes.map((_, k) => (k === value ? 1 : 0));
    }),
  );
}

/** The way back; of a class that is not known the first. */
export function valuesOf(conditions: readonly Condition[], row: ArrayLike<number>): Values {
  let at = 0;
  return conditions.map(({ classes, mean, std }) => {
    const part = Array.from({ length: classes.length || 1 }, (_, k) => row[at + k] ?? 0);
    at += part.length;
    if (classes.length) return Math.max(0, part.indexOf(1));
    const value = (part[0] ?? 0) * std + mean;
    return Number.isNaN(value) ? mean : value;
  });
}

/** One value in words. */
export function valueSaid({ classes, std }: Condition, value: number): string {
  if (classes.length) return classes[value] ?? String(value);
  return fixed(value, std >= 20 ? 0 : std >= 2 ? 1 : 2);
}

/** All of them in words: "label 7, age 43.2". */
export const said = (conditions: readonly Condition[], c: Values): string =>
  conditions.map((one, i) => `${one.name} ${valueSaid(one, c[i] ?? 0)}`).join(', ');

/** A formula as it is of a model of p(x|c): log p(x|c), q(z|x, c); without conditions as it was. */
export const formula = (text: string, conditions: readonly Condition[]): string =>
  conditions.length
    ? text
        .replaceAll(/(?<!\w)p\(x\)/g, 'p(x|c)')
        .replaceAll(/(?<!\w)([pq]\(|E\[)([xz]\|[xz])([)\]])/g, '$1$2, c$3')
        .replaceAll(/([μσ])\(x\)/g, '$1(x, c)')
    : text;

/** All entries of a dictionary so. */
export function formulas<T extends object>(words: T, conditions: readonly Condition[]): T {
  if (!conditions.length) return words;
  const under = (entry: unknown): unknown => {
    if (typeof entry === 'string') return formula(entry, conditions);
    if (Array.isArray(entry)) return entry.map(under);
    return (...given: never[]) => under((entry as (...given: never[]) => string)(...given));
  };
  const found = {} as T;
  for (const key of Object.keys(words) as (keyof T)[])
    Object.defineProperty(found, key, { enumerable: true, get: () => under(words[key]) });
  return found;
}

/** Values one after the other: every class, or a number from two deviations below to two above. */
export function along({ classes, mean, std }: Condition, steps = 9): Values {
  if (classes.length) return classes.map((_, k) => k);
  return Array.from({ length: steps }, (_, i) => mean + std * ((4 * i) / (steps - 1) - 2));
}
