import { expect, it } from 'vitest';
import { halfOfPictures, inSight, LINE, sideOf } from './sight';
import { toScreen } from '$components/scatter';

const frame = { width: 680, height: 400 };
const points = Float32Array.from([0, 0, 3, 0, 0, -3, -3, 3, 9, 0]);

it('finds who is in sight, and nobody where they are too many', () => {
  expect(inSight(points, { x: 0, y: 0, half: 3 }, frame)).toEqual([0, 1, 2, 3]);
  expect(inSight(points, { x: 9, y: 0, half: 1 }, frame)).toEqual([4]);
  expect(inSight(new Float32Array(2 * 601), { x: 0, y: 0, half: 1 }, { width: 2000, height: 1000 })).toEqual([]);
  expect(inSight(points, { x: 0, y: 0, half: 3 }, { width: 0, height: 0 })).toEqual([]);
});

it('leaves room for the picture of whoever lies farthest', () => {
  const half = halfOfPictures(3, 5, frame);
  const around = sideOf(5, frame) / 2 + LINE;
  const [, lowest] = toScreen({ x: 0, y: 0, half }, frame, 0, -3);
  expect(lowest + around).toBeCloseTo(frame.height, 6);
  // Where none is drawn as a picture the points alone say how much is to be seen.
  expect(halfOfPictures(3, 601, { width: 2000, height: 1000 })).toBe(0);
  expect(halfOfPictures(3, 5, { width: 0, height: 0 })).toBe(0);
});
