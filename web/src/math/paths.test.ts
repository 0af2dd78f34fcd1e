import { expect, test } from 'vitest';
import fixture from '../../fixtures/paths.json';
import { lerp, path, pathLength, slerp } from './paths';

test('straight and spherical ways are those of Python', () => {
  const straight = path([fixture.a, fixture.b], 5);
  const arc = path([fixture.a, fixture.b], 5, 'spherical');
  fixture.linear.flat().forEach((v, i) => expect(straight[i]).toBeCloseTo(v, 12));
  fixture.spherical.flat().forEach((v, i) => expect(arc[i]).toBeCloseTo(v, 12));
});

test('an arc keeps the length where both ends have it, and is straight along one line', () => {
  expect(Math.hypot(...slerp([3, 0], [0, 3], 0.3))).toBeCloseTo(3, 12);
  expect([...slerp([1, 1], [2, 2], 0.5)]).toEqual([1.5, 1.5]);
  expect([...slerp([0, 0], [2, 4], 0.25)]).toEqual([0.5, 1]);
  expect([...lerp([0, 2], [4, 2], 0.25)]).toEqual([1, 2]);
});

test('a way goes through its waypoints, and is as long as it is', () => {
  const way = path(
    [
      [0, 0],
      [3, 4],
      [3, 0],
    ],
    5,
  );
  expect([...way]).toEqual([0, 0, 1.5, 2, 3, 4, 3, 2, 3, 0]);
  expect(pathLength(way, 2)).toBeCloseTo(9, 12);
  expect(pathLength([1, 2], 2)).toBe(0);
  expect(() => path([[0, 0]], 5)).toThrow(/1 points/);
});
