import { expect, test } from 'vitest';
import { isLeast, isSpeck } from './exact';

test('the least deviation that an encoder can say is told from one that is small', () => {
  expect(isLeast(Math.fround(Math.exp(-10)))).toBe(true);
  expect([0.027, 4.6e-5, 1e-6].some(isLeast)).toBe(false);
});

test('an ellipse that no pixel shows is a speck, whatever the square', () => {
  const q = (sd: number) => ({ mean: [0, 0], axes: [sd, sd / 2], angle: 0 }) as const;
  expect(isSpeck(q(4.5e-5), { x: 0, y: 0, half: 4 })).toBe(true);
  expect(isSpeck(q(4.5e-5), { x: 0, y: 0, half: 1e-3 })).toBe(false);
  expect(isSpeck(q(0.027), { x: 0, y: 0, half: 4 })).toBe(false);
});
