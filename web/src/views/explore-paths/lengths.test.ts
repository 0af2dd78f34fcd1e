import { expect, it } from 'vitest';
import { lengths } from './lengths';

it('measures a path and its stretches', () => {
  expect(lengths([0, 0, 3, 4, 0, 8], 2)).toEqual({ x: 10, straight: 8, each: [5, 5] });
});

it('does not hang on the units of columns that have scales', () => {
  // Years, an income in dollars or in thousands of them, and a column that never varies.
  const of = (unit: number): number[] => [30, 50_000 / unit, 7, 60, 50_000 / unit, 8, 60, 90_000 / unit, 9];
  const found = lengths(of(1), 3, [10, 20_000, 0]);
  expect(found.each).toEqual([3, 2]);
  expect(found.x).toBe(5);
  expect(found.straight).toBeCloseTo(Math.hypot(3, 2), 12);
  expect(lengths(of(1000), 3, [10, 20, 0])).toEqual(found);
});
