import { expect, test } from 'vitest';
import { fromRuns, toRuns } from './mask';

test('a mask is read as it was written', () => {
  for (const row of [[0, 0, 0, 0], [1, 1, 0, 1], [0, 1, 1, 0], [1, 1, 1, 1]]) {
    const mask = Uint8Array.from(row);
    expect(fromRuns(toRuns(mask), 4)).toEqual(mask);
  }
  expect(toRuns(new Uint8Array(9))).toEqual([]);
  expect([...fromRuns([2, 99], 4)]).toEqual([0, 0, 1, 1]);
});
