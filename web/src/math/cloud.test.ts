import { expect, test } from 'vitest';
import { Cloud } from './cloud';
import { Rng } from './rng';
import { mean as meanOf } from './stats';

const DIMS = 3;
const even = (rows: number): Float64Array => new Float64Array(rows).fill(1 / rows);

/** Draws of two Gaussians of one covariance: at (-2, 0, 0) and twice as many at (2, 1, 0). */
function two(rows: number, rng: Rng): Float64Array {
  const z = rng.normals(rows * DIMS);
  for (let at = 0, row = 0; row < rows; row++, at += DIMS) {
    const isLeft = row % 3 === 0;
    const u = z[at]!;
    z[at] = 0.1 * u + (isLeft ? -2 : 2);
    z[at + 1] = 0.1 * (0.8 * u + 0.6 * z[at + 1]!) + (isLeft ? 0 : 1);
    z[at + 2]! *= 0.5;
  }
  return z;
}

test('draws are of the density that is said', () => {
  const rng = new Rng(1);
  const cloud = Cloud.fit(two(600, rng), even(600), DIMS, rng);
  // Of another mixture's density the mean ratio is 1, for both are densities.
  const other = Cloud.fit(two(300, rng).map((v, i) => v + 0.02 * (i % 2)), even(300), DIMS, rng);
  const z = cloud.draw(20000, rng);
  const [own, theirs] = [cloud.logDensity(z), other.logDensity(z)];
  const ratio = theirs.map((value, i) => Math.exp(value - own[i]!));
  const centre = meanOf(ratio);
  const error = Math.sqrt(meanOf(ratio.map((v) => (v - centre) ** 2)) / ratio.length);
  expect(error).toBeLessThan(0.1);
  expect(Math.abs(centre - 1)).toBeLessThan(5 * error);
});

test('two places stay two, as narrow as they are and as likely', () => {
  const rng = new Rng(2);
  const cloud = Cloud.fit(two(600, rng), even(600), DIMS, rng);
  const z = cloud.draw(6000, rng);
  const first = z.filter((_, i) => i % DIMS === 0);
  const left = first.filter((v) => v < 0);
  expect(Math.abs(left.length / 6000 - 1 / 3)).toBeLessThan(0.03);
  expect(first.filter((v) => Math.abs(Math.abs(v) - 2) > 0.7).length).toBeLessThan(6);
});

test('it is wider than the draws by a little, however few there are', () => {
  for (const rows of [2, 5, 40]) {
    const rng = new Rng(rows);
    const given = rng.normals(rows * DIMS);
    const z = Cloud.fit(given, even(rows), DIMS, rng).draw(4000, rng);
    for (let d = 0; d < DIMS; d++) {
      const [own, drawn] = [given, z].map((all) => {
        const column = all.filter((_, i) => i % DIMS === d);
        const centre = meanOf(column);
        return meanOf(column.map((v) => (v - centre) ** 2));
      }) as [number, number];
      expect(drawn / own).toBeGreaterThan(0.95);
      expect(drawn / own).toBeLessThan(1.45);
    }
  }
});

test('weights say which draws count', () => {
  const rng = new Rng(5);
  const z = two(600, rng);
  const weight = Float64Array.from({ length: 600 }, (_, row) => (row % 3 === 0 ? 1 / 200 : 0));
  const first = Cloud.fit(z, weight, DIMS, rng).draw(500, rng).filter((_, i) => i % DIMS === 0);
  expect(Math.max(...first)).toBeLessThan(-1.3);
});
