import { expect, test } from 'vitest';
import { errorFrom } from './error';
import { Running } from './evidence';
import { Rng } from './rng';
import { logMeanExp } from './special';

test('the error is none of equal weights, and unknown of one', () => {
  expect(errorFrom(3, 3)).toBeCloseTo(0, 12);
  expect(errorFrom(1, 2)).toBeCloseTo(Math.sqrt(0.5), 12);
  expect(errorFrom(6.2, 2000)).toBeCloseTo(0.4, 2);
  expect([errorFrom(1, 1), errorFrom(0, 2)]).toEqual([NaN, Infinity]);
});

test('estimates that are made again spread by as much', () => {
  const [rng, n, times] = [new Rng(5), 400, 400];
  let [sum, squares, said] = [0, 0, 0];
  for (let k = 0; k < times; k++) {
    const weights = rng.normals(n).map((value) => 0.8 * value);
    const found = logMeanExp(weights);
    sum += found;
    squares += found * found;
    said += new Running().addAll(weights).error / times;
  }
  const sd = Math.sqrt(squares / times - (sum / times) ** 2);
  expect(Math.abs(said / sd - 1)).toBeLessThan(0.15);
});
