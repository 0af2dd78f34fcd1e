import { expect, test } from 'vitest';
import * as attributes from './attributes';
import { Rng } from './rng';

test('a direction leads from one mean to the other', () => {
  const rows = [0, 0, 2, 0, 5, 1, 7, 3];
  const found = attributes.direction(rows, 2, [2, 3], [0, 1]);
  expect([...found]).toEqual([5, 2]);
  expect([...attributes.moved(attributes.meanRow(rows, 2, [0, 1]), found, 1)]).toEqual([6, 2]);
  expect([...attributes.meanRow(rows, 2)]).toEqual([3.5, 1]);
  expect(() => attributes.meanRow(rows, 2, [])).toThrow(/at least one/);
});

test('what is left is at right angles to all others, though they are not to each other', () => {
  const rng = new Rng(1);
  const others = [rng.normals(6), rng.normals(6)];
  const twice = [...others, attributes.moved(others[0]!, others[1]!, -2)];
  const a = rng.normals(6);
  const left = attributes.orthogonalised(a, twice);
  twice.forEach((other) => expect(attributes.cosine(left, other)).toBeCloseTo(0, 12));
  // The rest of it was made of them: nothing else is lost.
  const taken = attributes.moved(a, left, -1);
  expect(attributes.norm(attributes.orthogonalised(taken, others))).toBeCloseTo(0, 12);
  expect(attributes.norm(left)).toBeGreaterThan(0.1);
  expect(attributes.norm(attributes.normalised(a))).toBeCloseTo(1, 14);
});

test('analogies and projections', () => {
  expect([...attributes.analogy([3, 1], [1, 1], [0, 5])]).toEqual([2, 5]);
  expect([...attributes.projected([3, 4, 0, 5, 3, 0], [0, 2], [3, 1])]).toEqual([3, 4, -1]);
  expect([...attributes.projected([3, 4], [3, 4])]).toEqual([5]);
});
