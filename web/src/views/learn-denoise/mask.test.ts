import { expect, test } from 'vitest';
import { brushed, fromRuns, toRuns } from './mask';

test('a mask is read as it was written', () => {
  for (const row of [[0, 0, 0, 0], [1, 1, 0, 1], [0, 1, 1, 0], [1, 1, 1, 1]]) {
    const mask = Uint8Array.from(row);
    expect(fromRuns(toRuns(mask), 4)).toEqual(mask);
  }
  expect(toRuns(new Uint8Array(9))).toEqual([]);
  expect([...fromRuns([2, 99], 4)]).toEqual([0, 0, 1, 1]);
});

test('the brush erases what is near its line', () => {
  const mask = brushed(new Uint8Array(25), 5, [0.5, 2.5], [4.5, 2.5], 0.6);
  expect([...mask].reduce((a, b) => a + b)).toBe(5);
  expect([...mask.slice(10, 15)]).toEqual([1, 1, 1, 1, 1]);
  // What was erased stays so.
  expect(brushed(mask, 5, [2.5, 2.5], [2.5, 0.5], 0.6).reduce((a, b) => a + b)).toBe(7);
});
