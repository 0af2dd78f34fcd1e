import { expect, test } from 'vitest';
import fixture from '../../fixtures/special.json';
import { Rng } from './rng';

/** Mean and variance of a row. */
function moments(row: ArrayLike<number>): [number, number] {
  const mean = Array.from(row).reduce((sum, v) => sum + v, 0) / row.length;
  return [mean, Array.from(row).reduce((sum, v) => sum + (v - mean) ** 2, 0) / row.length];
}

test('words are those that Python computes by the same rule', () => {
  for (const { seed, stream, words } of fixture.random) {
    const rng = new Rng(seed, stream);
    expect(words.map(() => rng.word())).toEqual(words);
  }
});

test('the same seed draws the same, another one or stream something else', () => {
  const draws = (seed: number, stream = 0) => [...new Rng(seed, stream).normals(5)];
  expect(draws(3)).toEqual(draws(3));
  expect(draws(3)).not.toEqual(draws(4));
  expect(draws(3)).not.toEqual(draws(3, 1));
});

test('uniforms are even, and normals normal, within four standard errors', () => {
  const n = 40000;
  const [mean, variance] = moments(new Rng(1).uniforms(n));
  expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
  expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / n));
  const z = new Rng(2).normals(n);
  const [center, square] = moments(z);
  const fourth = z.reduce((sum, v) => sum + v ** 4, 0) / n;
  expect(Math.abs(center)).toBeLessThan(4 / Math.sqrt(n));
  expect(Math.abs(square - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  expect(Math.abs(fourth - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
});

test('a permutation has every number once, each place being equally likely', () => {
  const rng = new Rng(5);
  const counts = new Float64Array(25);
  for (let i = 0; i < 5000; i++) rng.permutation(5).forEach((v, at) => (counts[at * 5 + v]! += 1));
  expect([...rng.permutation(100)].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 100 }, (_, i) => i),
  );
  const chi = counts.reduce((sum, c) => sum + (c - 1000) ** 2 / 1000, 0);
  expect(chi).toBeLessThan(45); // 16 degrees of freedom: 0.9999 is at 46
});

test('gamma, Poisson and categorical draws have their means and variances', () => {
  const n = 20000;
  const rng = new Rng(7);
  for (const k of [0.3, 1, 4.5]) {
    const [mean, variance] = moments(Float64Array.from({ length: n }, () => rng.gamma(k)));
    expect(Math.abs(mean - k)).toBeLessThan(4 * Math.sqrt(k / n));
    expect(Math.abs(variance - k)).toBeLessThan(4 * Math.sqrt((2 * k * k + 6 * k) / n));
  }
  for (const r of [0.4, 5, 29, 31, 400]) {
    const [mean, variance] = moments(Float64Array.from({ length: n }, () => rng.poisson(r)));
    expect(Math.abs(mean - r)).toBeLessThan(4 * Math.sqrt(r / n));
    expect(Math.abs(variance - r)).toBeLessThan(4 * Math.sqrt((2 * r * r + r) / n));
  }
  const counts = [0, 0, 0];
  for (let i = 0; i < n; i++)
    counts[rng.categorical([9, 0, Math.log(3), -Infinity, 9], 1, 4)]! += 1;
  expect(Math.abs(counts[1]! / n - 0.75)).toBeLessThan(4 * Math.sqrt(0.1875 / n));
  expect(counts[2]).toBe(0);
});
