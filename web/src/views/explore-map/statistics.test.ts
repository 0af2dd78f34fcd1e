import { expect, it } from 'vitest';
import { some, Sums } from './statistics';

it('takes mean and deviation of the cells that are there, column by column', () => {
  const sums = new Sums(4);
  sums.add([1, NaN, 100_000.1, NaN, 3, 4, 100_001.1, NaN]);
  sums.add([5, NaN, NaN, NaN]);
  const { mean, deviation, of, isPartial } = sums.moments;
  expect([of, isPartial]).toEqual([3, true]);
  expect([...mean].map((value) => Math.round(10 * value) / 10)).toEqual([3, 4, 100_000.6, NaN]);
  expect(deviation[0]).toBeCloseTo(Math.sqrt(8 / 3), 6);
  expect(deviation[1]).toBe(0);
  // A mean far from 0, of which float32 keeps two decimals, takes nothing from the deviation.
  expect(deviation[2]).toBeCloseTo(0.5, 4);
  expect(deviation[3]).toBeNaN();
});

it('says that no cell was missing where none was', () => {
  const sums = new Sums(2);
  sums.add([1, 2, 3, 2]);
  expect(sums.moments.isPartial).toBe(false);
  expect([...sums.moments.deviation]).toEqual([1, 0]);
});

it('chooses some of many, the same each time, in rising order', () => {
  const all = Uint32Array.from({ length: 500 }, (_, i) => 3 * i);
  const chosen = some(all, 24);
  expect(chosen).toEqual(some(all, 24));
  expect(new Set(chosen).size).toBe(24);
  expect([...chosen]).toEqual([...chosen].sort((a, b) => a - b));
});
