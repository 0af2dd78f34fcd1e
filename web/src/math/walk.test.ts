import { expect, test } from 'vitest';
import { logStandard } from './gaussian';
import { Rng } from './rng';
import { Walk } from './walk';

// p(z|x) is N(MEAN, S R S) of twenty latents, R[i][j] = RHO^|i - j|: its inverse has three bands.
const DIMS = 20;
const RHO = 0.4;
const MEAN = Float64Array.from({ length: DIMS }, (_, d) => Math.sin(d));
const SD = Float64Array.from({ length: DIMS }, (_, d) => 0.1 + 0.05 * d);

/** log p(x|z), such that with the prior N(0, I) the posterior is that. */
function f(z: Float64Array, rows: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    const u = Float64Array.from(MEAN, (mean, d) => (z[row * DIMS + d]! - mean) / SD[d]!);
    let sum = u[0]! ** 2;
    for (let d = 1; d < DIMS; d++) sum += (u[d]! - RHO * u[d - 1]!) ** 2 / (1 - RHO ** 2);
    return -0.5 * sum - logStandard(z, DIMS, row);
  });
}

/** Draws of the posterior, (rows x L). */
function exact(rows: number, rng: Rng): Float64Array {
  const u = rng.normals(rows * DIMS);
  for (let i = 0; i < u.length; i++) {
    if (i % DIMS) u[i] = RHO * u[i - 1]! + Math.sqrt(1 - RHO ** 2) * u[i]!;
  }
  return u.map((value, i) => MEAN[i % DIMS]! + SD[i % DIMS]! * value);
}

/** Mean, deviation and correlation with the latent before, in units of their standard errors. */
function off(z: Float64Array): number {
  const rows = z.length / DIMS;
  const u = z.map((value, i) => (value - MEAN[i % DIMS]!) / SD[i % DIMS]!);
  const over = (of: (row: number) => number): number =>
    Array.from({ length: rows }, (_, row) => of(row * DIMS)).reduce((a, b) => a + b, 0) / rows;
  const each = Array.from({ length: DIMS }, (_, d) => [
    over((at) => u[at + d]!),
    (over((at) => u[at + d]! ** 2) - 1) / Math.SQRT2,
    d ? (over((at) => u[at + d]! * u[at + d - 1]!) - RHO) / Math.sqrt(1 + RHO ** 2) : 0,
  ]);
  return Math.sqrt(rows) * Math.max(...each.flat().map(Math.abs));
}

test('a step that is not fitted leaves the posterior as it is', async () => {
  const rng = new Rng(1);
  const walk = await Walk.from(f, exact(3000, rng), SD.map((sd) => 0.8 * sd));
  const step = walk.step;
  let moved = 0;
  for (let i = 0; i < 40; i++) moved += await walk.take(rng);
  expect(moved / 40).toBeGreaterThan(0.1);
  expect(walk.step).toEqual(step);
  expect(off(walk.z)).toBeLessThan(4.5);
});

test.each([0.05, 1, 20])('fitted from %f times its width, a walk ends there', async (times) => {
  const [rng, rows] = [new Rng(2), 200];
  const one = MEAN.map((mean, d) => mean + 1.5 * SD[d]!);
  const start = Float64Array.from({ length: rows * DIMS }, (_, i) => one[i % DIMS]!);
  const walk = await Walk.from(f, start, SD.map((sd) => times * sd));
  for (let i = 0; i < 200; i++) await walk.take(rng, true);
  let moved = 0;
  for (let i = 0; i < 600; i++) moved += await walk.take(rng);
  expect(moved / 600).toBeGreaterThan(0.2);
  expect(moved / 600).toBeLessThan(0.45);
  expect(off(walk.z)).toBeLessThan(4.5);
});

test('eight rows from one place spread out in as many steps as the page takes', async () => {
  const rng = new Rng(3);
  const start = Float64Array.from({ length: 8 * DIMS }, (_, i) => MEAN[i % DIMS]!);
  const walk = await Walk.from(f, start, SD.map((sd) => 0.05 * sd));
  for (let i = 0; i < 300; i++) await walk.take(rng, i < 100);
  const u = walk.z.map((value, i) => (value - MEAN[i % DIMS]!) / SD[i % DIMS]!);
  const width = u.reduce((sum, value) => sum + value * value, 0) / u.length;
  expect(width).toBeGreaterThan(0.6);
  expect(width).toBeLessThan(1.4);
});

test('the same seed walks the same way', async () => {
  const walked = async (seed: number): Promise<Float64Array> => {
    const rng = new Rng(seed);
    const walk = await Walk.from(f, exact(4, new Rng(5)), SD);
    for (let i = 0; i < 20; i++) await walk.take(rng, i < 10);
    return walk.z;
  };
  expect(await walked(7)).toEqual(await walked(7));
  expect(await walked(7)).not.toEqual(await walked(8));
});
