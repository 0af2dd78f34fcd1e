import { expect, test } from 'vitest';
import { frozen, gaussHermite, meanOver, midpoints } from './nodes';
import { Rng } from './rng';

const powers = (nodes: { eps: Float64Array }, power: number) => nodes.eps.map((e) => e ** power);

test('a quadrature knows the moments of N(0, 1)', () => {
  for (const nodes of [
    gaussHermite(8, 1),
    gaussHermite(32, 1),
    gaussHermite(64, 1),
    midpoints(48, 1),
  ]) {
    [1, 0, 1, 0, 3, 0, 15, 0, 105].forEach((moment, power) =>
      expect(meanOver(nodes, powers(nodes, power)).mean).toBeCloseTo(moment, 7),
    );
  }
  // Degree 2 n - 1 is the last that is exact.
  const three = gaussHermite(3, 1);
  expect(meanOver(three, powers(three, 4)).mean).toBeCloseTo(3, 12);
  expect(meanOver(three, powers(three, 6)).mean).toBeCloseTo(9, 12);
  expect(() => gaussHermite(65, 1)).toThrow(/not 65/);
});

test('products of two dimensions know mixed moments', () => {
  for (const nodes of [gaussHermite(16, 2), midpoints(40, 2)]) {
    const mixed = nodes.weight.map((_, k) => nodes.eps[2 * k]! ** 2 * nodes.eps[2 * k + 1]! ** 4);
    expect(meanOver(nodes, mixed)).toEqual({ mean: expect.closeTo(3, 9), error: 0 });
    expect(nodes.weight.reduce((a, b) => a + b)).toBeCloseTo(1, 13);
  }
});

test('frozen noise is the seed, and its mean has an error', () => {
  const one = frozen(new Rng(1), 1000, 2);
  expect(one.eps).toEqual(frozen(new Rng(1), 1000, 2).eps);
  const { mean, error } = meanOver(
    one,
    one.weight.map((_, k) => one.eps[2 * k]! ** 2),
  );
  expect(Math.abs(mean - 1)).toBeLessThan(4 * error);
  expect(error).toBeGreaterThan(0.03);
  expect(error).toBeLessThan(0.06);
  const pairs = frozen(new Rng(1), 10, 2, true);
  expect(pairs.eps.reduce((a, b) => a + b)).toBeCloseTo(0, 14);
  expect(pairs.eps[2]).toBe(-pairs.eps[0]!);
});
