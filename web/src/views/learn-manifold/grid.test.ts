import { expect, test } from 'vitest';
import { centres, coarseFirst, fromZ, priorShare, toZ, WHOLE, within, zoomed } from './grid';

test('z and the square are each other’s inverse', () => {
  for (const spacing of ['quantile', 'even'] as const) {
    for (const z of [-2.5, -0.3, 0, 1.7]) expect(toZ(fromZ(z, spacing), spacing)).toBeCloseTo(z, 6);
  }
  expect(toZ(0.975, 'quantile')).toBeCloseTo(1.959964, 5);
});

test('a zoom keeps its point, and a window stays in the square', () => {
  const near = zoomed(WHOLE, 0.5, 0.25, 0.75);
  expect(near).toEqual({ x: 0.375, y: 0.625, half: 0.25 });
  expect((0.25 - near.x) / near.half).toBeCloseTo((0.25 - 0.5) / 0.5, 12);
  expect(within({ x: -1, y: 2, half: 0.1 })).toEqual({ x: 0.1, y: 0.9, half: 0.1 });
  expect(zoomed(near, 99, 0.1, 0.1)).toEqual(WHOLE);
});

test('each cell of the quantiles has the same probability, and the even square nearly all', () => {
  const [a = 0, b = 0] = centres(0.5, 0.5, 20);
  expect(b - a).toBeCloseTo(0.05, 12);
  expect(priorShare({ x: a, y: b, half: 0.025 }, 'quantile')).toBeCloseTo(1 / 400, 12);
  expect(priorShare(WHOLE, 'even')).toBeCloseTo(0.998, 3);
});

test('every cell is decoded once', () => {
  expect([...coarseFirst(12)].sort((a, b) => a - b)).toEqual(Array.from({ length: 144 }, (_, i) => i));
});
