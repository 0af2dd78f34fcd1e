import { expect, test } from 'vitest';
import { inside, joined, lasso } from './lasso';
import { Rng } from './rng';

// A horseshoe, open at the top.
const shoe = [0, 0, 6, 0, 6, 6, 4, 6, 4, 2, 2, 2, 2, 6, 0, 6];

test('what is between the arms is outside', () => {
  expect(
    [
      [1, 5],
      [3, 1],
      [5, 5],
    ].map(([x, y]) => inside(shoe, x!, y!)),
  ).toEqual([true, true, true]);
  expect(
    [
      [3, 5],
      [7, 1],
      [-1, 6],
      [3, 7],
    ].some(([x, y]) => inside(shoe, x!, y!)),
  ).toBe(false);
  expect(inside([], 0, 0)).toBe(false);
});

test('the share of even points inside is the area', () => {
  const n = 20000;
  const points = new Rng(2).uniforms(2 * n).map((u) => 6 * u);
  const found = lasso(shoe, points);
  expect(Math.abs(found.length / n - 28 / 36)).toBeLessThan(4 * Math.sqrt(0.17 / n));
  expect([...found]).toEqual([...found].sort((a, b) => a - b));
  // A circle of many corners, drawn either way round.
  for (const turn of [1, -1]) {
    const circle = Array.from({ length: 400 }, (_, i) => {
      const angle = (turn * 2 * Math.PI * (i >> 1)) / 200;
      return 3 + 3 * (i % 2 ? Math.sin(angle) : Math.cos(angle));
    });
    const share = lasso(circle, points).length / n;
    expect(Math.abs(share - Math.PI / 4)).toBeLessThan(4 * Math.sqrt(0.17 / n));
  }
});

test('selections join', () => {
  const [old, fresh] = [Uint32Array.of(1, 3, 5), Uint32Array.of(3, 4)];
  expect([...joined(old, fresh, 'add')]).toEqual([1, 3, 4, 5]);
  expect([...joined(old, fresh, 'subtract')]).toEqual([1, 5]);
  expect([...joined(old, fresh, 'intersect')]).toEqual([3]);
  expect([...joined(old, fresh, 'replace')]).toEqual([3, 4]);
});
