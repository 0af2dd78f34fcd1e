import { expect, test } from 'vitest';
import { brushed, maskOf, pixelsOf } from './mask';

test('the brush erases what is near its line', () => {
  const mask = brushed(new Uint8Array(25), 5, [0.5, 2.5], [4.5, 2.5], 0.6);
  expect([...mask].reduce((a, b) => a + b)).toBe(5);
  expect([...mask.slice(10, 15)]).toEqual([1, 1, 1, 1, 1]);
  // What was erased stays so.
  expect(brushed(mask, 5, [2.5, 2.5], [2.5, 0.5], 0.6).reduce((a, b) => a + b)).toBe(7);
});

test('pixels are erased and given back by a brush', () => {
  const one = brushed(new Uint8Array(784), 28, [10.5, 3.5], [10.5, 3.5], 0.6);
  expect([...pixelsOf(one)]).toEqual([3 * 28 + 10]);
  const more = brushed(one, 28, [20, 20], [20, 20], 3);
  expect(pixelsOf(more).length).toBeGreaterThan(20);
  expect(brushed(more, 28, [20, 20], [20, 20], 3, false)).toEqual(one);
  expect(maskOf(pixelsOf(more), 784)).toEqual(more);
});
