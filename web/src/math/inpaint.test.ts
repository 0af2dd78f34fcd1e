import { expect, test } from 'vitest';
import { type Halves, impute } from './inpaint';
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
function halves(spoilt = 0): Halves {
  return {
    dims: 2,
    likelihood: 'gaussian',
    encode(x, rows) {
      const mean: number[] = [];
      for (let row = 0; row < rows; row++) {
        const own = new LinearGaussian(weight, sd, x.slice(3 * row, 3 * row + 3)).posterior;
        mean.push(own.mean[0] + spoilt, own.mean[1]);
      }
      return { mean, sd: mean.map(() => 0.45) };
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
  expect(Math.abs(found.logEvidence - rest.logEvidence)).toBeLessThan(
    5 / Math.sqrt(found.effective),
  );
  expect([found.mean[0], found.sd[0]]).toEqual([0.9, 0]);
  // Draws of p(x_m|x_o): the spread of z and of the noise.
  const drawn = found.samples.filter((_, i) => i % 3 === 1);
  const mean = drawn.reduce((sum, v) => sum + v, 0) / 4000;
  const variance = drawn.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 4000;
  const exact = SPREAD ** 2 + sd ** 2;
  expect(Math.abs(mean - MEAN)).toBeLessThan(5 * Math.sqrt(exact / 3000));
  expect(Math.abs(variance / exact - 1)).toBeLessThan(0.12);
  await expect(impute(halves(), X, [0, 0, 0], 3, 1, new Rng(1))).rejects.toThrow(/Half of 3/);
});
