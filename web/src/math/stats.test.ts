import { expect, test } from 'vitest';
import fixture from '../../fixtures/paths.json';
import * as stats from './stats';

const row = fixture.points.map((point) => point[0]!);

test('percentiles and histograms are those of numpy', () => {
  const rising = stats.sorted(row);
  fixture.percentiles.share.forEach((share, i) =>
    expect(stats.quantile(rising, share / 100)).toBeCloseTo(fixture.percentiles.value[i]!, 12),
  );
  const { counts, edges } = stats.histogram(row, 7);
  expect([...counts]).toEqual(fixture.histogram[0]);
  fixture.histogram[1]!.forEach((v, i) => expect(edges[i]).toBeCloseTo(v, 12));
  expect(stats.quantile([], 0.5)).toBeNaN();
});

test('every value is in one bin, on its own side of the edge', () => {
  const values = Array.from({ length: 101 }, (_, i) => i / 100);
  const { counts, edges } = stats.histogram(values, 10);
  counts.forEach((count, b) => {
    const inside = values.filter((v) => v >= edges[b]! && (v < edges[b + 1]! || b === 9));
    expect(count).toBe(inside.length);
  });
  expect([...stats.histogram([3, 3], 2).counts]).toEqual([0, 2]);
  expect([...stats.histogram([-1, 0.2, NaN, 5], 2, [0, 1]).counts]).toEqual([1, 0]);
});

test('a rank is the share below, equals counted by half', () => {
  expect([0, 1, 2, 2.5, 9].map((v) => stats.rank([1, 2, 2, 3], v))).toEqual([
    0, 0.125, 0.5, 0.75, 1,
  ]);
  expect([...stats.sorted([3, NaN, 1])]).toEqual([1, 3]);
});

test('mean and variance, latents by their KL, and which of them are active', () => {
  expect([stats.mean([1, 2, 6]), stats.variance([1, 2, 6]), stats.variance([1, 2, 6], 1)]).toEqual(
    [3, 14 / 3, 7],
  );
  expect(stats.byKl([0.1, 3, 0.1, 5])).toEqual([3, 1, 0, 2]);
  expect(stats.active([0, 1, 0.001, -1, 0.002, 0.5], 2)).toEqual([false, true]);
});

test('rate and distortion are minus the ELBO', () => {
  const point = { rate: 5, distortion: 90 };
  expect(stats.elboOf(point)).toBe(-95);
  expect(stats.betaElbo(point, 4)).toBe(-110);
});

test('labels are counted, most first', () => {
  expect(stats.tally([2, 0, 2, -1, 2], [0, 1, 2, 3])).toEqual([
    [2, 2],
    [0, 1],
    [-1, 1],
  ]);
});
