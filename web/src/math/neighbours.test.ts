import { expect, test } from 'vitest';
import fixture from '../../fixtures/paths.json';
import { nearest, Plane } from './neighbours';
import { Rng } from './rng';

test('the nearest rows are those of numpy', () => {
  const found = nearest(fixture.points.flat(), fixture.a, 7);
  expect([...found.index]).toEqual(fixture.nearest);
  expect(found.distance[0]! <= found.distance[1]!).toBe(true);
  const self = nearest(fixture.points.flat(), fixture.points[4]!, 2);
  expect([self.index[0], self.distance[0]]).toEqual([4, 0]);
  expect(nearest(fixture.points.flat(), fixture.points[4]!, 1, 4).index[0]).toBe(self.index[1]);
  expect(nearest([1, 1, 1], [0], 9).index).toEqual(Uint32Array.of(0, 1, 2));
});

test('a pick is the nearest of all, wherever the pointer is', () => {
  const rng = new Rng(1);
  const n = 1000;
  const points = rng.normals(2 * n);
  const plane = new Plane(points);
  for (let i = 0; i < 300; i++) {
    const at = [6 * rng.uniform() - 3, 10 * rng.uniform() - 5];
    const { index, distance } = nearest(points, at, 1);
    expect(plane.pick(at[0]!, at[1]!)).toBe(index[0]);
    expect(plane.pick(at[0]!, at[1]!, 0.99 * distance[0]!)).toBe(-1);
    expect(plane.pick(at[0]!, at[1]!, 1.01 * distance[0]!)).toBe(index[0]);
  }
});

test('one point, equal points and none are no trouble', () => {
  expect(new Plane([1, 2]).pick(50, 50)).toBe(0);
  expect(new Plane([1, 2, 1, 2, 0, 0]).pick(1.1, 2)).toBe(0);
  expect(new Plane([]).pick(0, 0)).toBe(-1);
});
