import { expect, test } from 'vitest';
import { logNormal } from './gaussian';
import { type Halves, impute, moments } from './inpaint';
import { LINEAR, LinearGaussian } from './known';
import { Rng } from './rng';

const { weight, sd } = LINEAR;
const X = [0.9, NaN, 0.4];
// What is there is a linear Gaussian model of its own; the missing one, a line in its posterior.
const rest = new LinearGaussian([weight[0]!, weight[2]!], sd, [0.9, 0.4]);
const [a, b] = weight[1]!;
const MEAN = a * rest.posterior.mean[0] + b * rest.posterior.mean[1];
const SPREAD = spread();

function spread(): number {
  const { axes, angle } = rest.posterior;
  const along = (a * Math.cos(angle) + b * Math.sin(angle)) * axes[0];
  const across = (b * Math.cos(angle) - a * Math.sin(angle)) * axes[1];
  return Math.hypot(along, across);
}

/** The linear Gaussian model, its encoder as good as independent latents can be, or spoilt. */
function halves(spoilt = 0, sd: number = LINEAR.sd): Halves {
  return {
    dims: 2,
    likelihood: 'gaussian',
    encode(x, rows) {
      const mean: number[] = [];
      for (let row = 0; row < rows; row++) {
        const own = new LinearGaussian(weight, sd, x.slice(3 * row, 3 * row + 3)).posterior;
        mean.push(own.mean[0] + spoilt, own.mean[1]);
      }
      return { mean, sd: mean.map(() => 0.9 * sd) };
    },
    decode(z, rows) {
      const loc = Float64Array.from({ length: 3 * rows }, (_, i) => {
        const [u, v] = weight[i % 3]!;
        const row = Math.floor(i / 3);
        return u * z[2 * row]! + v * z[2 * row + 1]!;
      });
      return { loc, scale: loc.map(() => sd) };
    },
  };
}

test('importance resampling has the closed forms', async () => {
  const k = 20000;
  const found = await impute(halves(0.3), X, [0, 0, 0], k, 4000, new Rng(4));
  const error = SPREAD / Math.sqrt(found.effective);
  expect(found.effective).toBeGreaterThan(k / 10);
  expect(Math.abs(found.mean[1]! - MEAN)).toBeLessThan(5 * error);
  expect(Math.abs(found.sd[1]! / SPREAD - 1)).toBeLessThan(0.05);
  expect(Math.abs(found.logEvidence - rest.logEvidence)).toBeLessThan(5 * found.error);
  expect([found.mean[0], found.sd[0]]).toEqual([0.9, 0]);
  // Draws of p(x_m|x_o): the spread of z and of the noise.
  const drawn = found.samples.filter((_, i) => i % 3 === 1);
  const mean = drawn.reduce((sum, v) => sum + v, 0) / 4000;
  const variance = drawn.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 4000;
  const exact = SPREAD ** 2 + sd ** 2;
  expect(Math.abs(mean - MEAN)).toBeLessThan(5 * Math.sqrt(exact / 3000));
  expect(Math.abs(variance / exact - 1)).toBeLessThan(0.12);
  await expect(impute(halves(), X, [0, 0, 0], 3, 1, new Rng(1))).rejects.toThrow(/too few/);
});

// As of many pixels: p(z|x_o) is a hundred times narrower than the prior, and q elsewhere.
test.each([1, 2, 3, 4, 5, 6])('a narrow posterior far from q is found (seed %d)', async (seed) => {
  const narrow = 0.02;
  const known = new LinearGaussian([weight[0]!, weight[2]!], narrow, [0.9, 0.4]);
  const found = await impute(halves(1.5, narrow), X, [0, 0, 0], 1024, 8, new Rng(seed));
  expect(found.effective).toBeGreaterThan(200);
  expect(found.error).toBeLessThan(0.07);
  expect(Math.abs(found.logEvidence - known.logEvidence)).toBeLessThan(5 * found.error);
  const { axes, angle, mean } = known.posterior;
  const along = (a * Math.cos(angle) + b * Math.sin(angle)) * axes[0];
  const spread = Math.hypot(along, (b * Math.cos(angle) - a * Math.sin(angle)) * axes[1]);
  expect(Math.abs(found.sd[1]! / spread - 1)).toBeLessThan(0.25);
  const off = Math.abs(found.mean[1]! - (a * mean[0] + b * mean[1]));
  expect(off).toBeLessThan((5 * spread) / Math.sqrt(found.effective));
});

test('p(z|x) in two places, of which q knows one, is found in both', async () => {
  const noise = 0.05;
  // x = (z_1^2, z_2, z_1), of which the last is missing: it may be 1 or -1.
  const both: Halves = {
    dims: 2,
    likelihood: 'gaussian',
    encode: () => ({ mean: [1, 0.5], sd: [0.05, 0.05] }),
    decode(z, rows) {
      const loc = new Float64Array(3 * rows);
      for (let row = 0; row < rows; row++) {
        const [u, v] = [z[2 * row]!, z[2 * row + 1]!];
        loc.set([u * u, v, u], 3 * row);
      }
      return { loc, scale: loc.map(() => noise) };
    },
  };
  let first = 0;
  for (let u = -4; u < 4; u += 1e-3) {
    first += 1e-3 * Math.exp(logNormal(u) + logNormal(1, u * u, noise));
  }
  const exact = Math.log(first) + logNormal(0.5, 0, Math.hypot(1, noise));
  for (let seed = 0; seed < 4; seed++) {
    const found = await impute(both, [1, 0.5, NaN], [0, 0, 1], 1024, 400, new Rng(seed));
    expect(found.error).toBeLessThan(0.07);
    expect(Math.abs(found.logEvidence - exact)).toBeLessThan(5 * found.error);
    expect(Math.abs(found.mean[2]!)).toBeLessThan(5 / Math.sqrt(found.effective));
    expect(Math.abs(found.sd[2]! - 1)).toBeLessThan(0.05);
    const below = found.z.filter((value, i) => i % 2 === 0 && value < 0).length / 400;
    expect(Math.abs(below - 0.5)).toBeLessThan(0.2);
  }
});

test('where few draws are effective, it is said, and the estimate is not above', async () => {
  // Sixty latents, each its own pixel, an encoder that knows nothing.
  const [dims, noise] = [60, 0.05];
  const x = [...Float64Array.from({ length: dims }, (_, d) => Math.sin(d)), NaN];
  const wide: Halves = {
    dims,
    likelihood: 'gaussian',
    encode: () => ({ mean: new Float64Array(dims), sd: new Float64Array(dims).fill(1) }),
    decode(z, rows) {
      const loc = Float64Array.from({ length: (dims + 1) * rows }, (_, i) => {
        const d = i % (dims + 1);
        return d < dims ? z[Math.floor(i / (dims + 1)) * dims + d]! : 0;
      });
      return { loc, scale: loc.map(() => noise) };
    },
  };
  const each = x.slice(0, dims).map((v) => logNormal(v, 0, Math.hypot(1, noise)));
  const exact = each.reduce((sum, v) => sum + v, 0);
  const found = await impute(wide, x, new Float64Array(dims + 1), 1024, 8, new Rng(1));
  expect(found.effective).toBeLessThan(20);
  expect(found.logEvidence).toBeLessThan(exact);
});

test('moments are of the gaps alone', () => {
  const { mean, sd } = moments([7, NaN], [0, 1, 0, 4], [0.75, 0.25]);
  expect([...mean]).toEqual([7, 1.75]);
  expect(sd[0]).toBe(0);
  expect(sd[1]).toBeCloseTo(Math.sqrt(0.75 * 0.75 ** 2 + 0.25 * 2.25 ** 2), 12);
});
