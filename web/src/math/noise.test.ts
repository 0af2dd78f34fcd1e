import { expect, test } from 'vitest';
import { erased, gaussianNoise, masking, saltAndPepper } from './noise';
import { Rng } from './rng';

const n = 20000;
const grey = new Float64Array(n).fill(0.4);
const shareOf = (row: Float64Array, value: number) => row.filter((v) => v === value).length / n;

test('noise has its spread, and the same seed the same noise', () => {
  const found = gaussianNoise(grey, 0.3, new Rng(1));
  const mean = found.reduce((a, b) => a + b) / n;
  const variance = found.reduce((sum, v) => sum + (v - mean) ** 2, 0) / n;
  expect(Math.abs(mean - 0.4)).toBeLessThan((4 * 0.3) / Math.sqrt(n));
  expect(Math.abs(variance / 0.09 - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  expect(gaussianNoise(grey, 0.3, new Rng(1))).toEqual(found);
  expect(gaussianNoise(grey, 0, new Rng(1))).toEqual(grey);
});

test('salt, pepper and blanks have their shares', () => {
  const close = (found: number, expected: number) =>
    expect(Math.abs(found - expected)).toBeLessThan(4 * Math.sqrt(0.25 / n));
  const salted = saltAndPepper(grey, 0.4, new Rng(2), 0.75);
  close(shareOf(salted, 1), 0.3);
  close(shareOf(salted, 0), 0.1);
  close(shareOf(salted, 0.4), 0.6);
  close(shareOf(masking(grey, 0.7, new Rng(3)), 0), 0.7);
  expect(masking(grey, 0, new Rng(3))).toEqual(grey);
  expect(() => saltAndPepper(grey, 1.5, new Rng(1))).toThrow(/rate is a probability/);
  expect(() => gaussianNoise(grey, -1, new Rng(1))).toThrow(/at least 0/);
});

test('what is erased is missing', () => {
  expect([...erased([1, 2, 3], [0, 1, 0])]).toEqual([1, NaN, 3]);
});
