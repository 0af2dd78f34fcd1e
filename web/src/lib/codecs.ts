/** How what stands in the address is read and written. */

export interface Codec<T> {
  read(text: string): T | undefined;
  write(value: T): string;
}

const finite = (text: string): number | undefined => {
  const value = Number(text);
  return text.trim() !== '' && Number.isFinite(value) ? value : undefined;
};
const integer = (text: string): number | undefined => (/^-?\d{1,15}$/.test(text) ? Number(text) : undefined);
const bounded = (value: number | undefined, low: number, high: number): number | undefined =>
  value === undefined ? undefined : Math.min(high, Math.max(low, value));
/** As `codecs.below`, of a number that is not known yet. */
export const indexBelow = (count: () => number): Codec<number | null> => ({
  read: (text) => (/^\d+$/.test(text) && Number(text) < count() ? Number(text) : null),
  write: (value) => (value === null ? '' : String(value)),
});
/** Numbers of a vector, as many as it has and none that a float32 would lose; or none. */
export const vectorOf = (size: () => number): Codec<readonly number[]> => ({
  read: (text) => {
    const found = codecs.numbers.read(text);
    const isOne = found?.length === size() && found.every((value) => Math.abs(value) <= 1e6);
    return isOne ? found : undefined;
  },
  write: codecs.numbers.write,
});
/** Five decimals: a link is short, and gives the same picture. */
const short = (value: number): string => String(Math.round(value * 1e5) / 1e5 || 0);

export const codecs = {
  text: { read: (text) => text, write: (value) => value } satisfies Codec<string>,
  number: { read: finite, write: short } satisfies Codec<number>,
  /** A number that is at least `low` and at most `high`. */
  within: (low: number, high: number): Codec<number> => ({
    read: (text) => bounded(finite(text), low, high),
    write: short,
  }),
  whole: { read: integer, write: String } satisfies Codec<number>,
  wholeWithin: (low: number, high: number): Codec<number> => ({
    read: (text) => bounded(integer(text), low, high),
    write: String,
  }),
  flag: {
    read: (text) => (text === '1' ? true : text === '0' ? false : undefined),
    write: (value) => (value ? '1' : '0'),
  } satisfies Codec<boolean>,
  numbers: {
    read: (text) => {
      const values = text === '' ? [] : text.split(',').map(finite);
      return values.every((value) => value !== undefined) ? values : undefined;
    },
    write: (values) => values.map(short).join(','),
  } satisfies Codec<readonly number[]>,
  /** A whole number, or nothing. */
  index: indexBelow(() => Infinity),
  /** The number of one of so many, or nothing. */
  below: (count: number): Codec<number | null> => indexBelow(() => count),
  /** The numbers of so many, each of one below a count; or none. */
  indices: (size: number, count: number): Codec<readonly number[]> => ({
    read: (text) => {
      const found = codecs.numbers.read(text);
      const areThere = found?.every((k) => Number.isInteger(k) && k >= 0 && k < count);
      return found?.length === size && areThere ? found : undefined;
    },
    write: (value) => codecs.numbers.write(value),
  }),
  /** A number as it was written, or nothing. */
  numeral: {
    read: (text) => (finite(text) === undefined ? undefined : text),
    write: (value) => value,
  } satisfies Codec<string>,
  choice: <T extends string>(...of: readonly T[]): Codec<T> => ({
    read: (text) => of.find((one) => one === text),
    write: (value) => value,
  }),
};
