import { expect, test } from 'vitest';
import { simplified, strokesCodec } from './strokes';

test('a drawing is read as it was written', () => {
  const strokes = [
    [0, 0, 279, 279],
    [12, 100, 35, 36, 37, 140],
  ];
  expect(strokesCodec.read(strokesCodec.write(strokes))).toEqual(strokes);
  expect(strokesCodec.write([[-4, 999]])).toBe('007r');
  for (const broken of ['', 'abc', '0000.', '00 0']) expect(strokesCodec.read(broken)).toEqual([]);
});

test('a simpler stroke keeps its ends and its corners', () => {
  const line = Array.from({ length: 50 }, (_, i) => [i, 2 * i]).flat();
  expect(simplified(line)).toEqual([0, 0, 49, 98]);
  const corner = [...line, ...Array.from({ length: 50 }, (_, i) => [49 + i, 98]).flat()];
  expect(simplified(corner)).toEqual([0, 0, 49, 98, 98, 98]);
  // A loop ends where it begins.
  expect(simplified([0, 0, 50, 0, 50, 50, 0, 0])).toEqual([0, 0, 50, 0, 50, 50, 0, 0]);
});
