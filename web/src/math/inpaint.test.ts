import { expect, test } from 'vitest';
import { begin, type Chains, type Halves, impute, step } from './inpaint';
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

async function average(
  model: Halves,
  metropolis: boolean,
): Promise<{ mean: number; error: number; moved: number }> {
  const rng = new Rng(1);
  let chains: Chains = await begin(model, X, 400, rng);
  const rows = new Float64Array(400);
  let [moved, steps] = [0, 0];
  for (let i = 0; i < 80; i++) {
    chains = await step(model, X, chains, rng, metropolis);
    if (i < 20) continue;
    steps += 1;
    moved += chains.moved.filter(Boolean).length / 400;
    rows.forEach((_, row) => (rows[row]! += chains.x[3 * row + 1]!));
  }
  const each = rows.map((sum) => sum / steps);
  const mean = each.reduce((sum, v) => sum + v, 0) / 400;
  // Chains are independent of each other, though their steps are not.
  const error = Math.sqrt(each.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 399 / 400);
  return { mean, error, moved: moved / steps };
}

test('with Metropolis the chains end at the conditional mean, whatever the encoder', async () => {
  for (const spoilt of [0, 0.3]) {
    const found = await average(halves(spoilt), true);
    expect(Math.abs(found.mean - MEAN)).toBeLessThan(4 * found.error);
    expect(found.error).toBeLessThan(0.02);
    expect(found.moved).toBeLessThan(0.95);
  }
});

test('without it they end elsewhere if the encoder is wrong', async () => {
  const found = await average(halves(0.3), false);
  expect(found.moved).toBe(1);
  expect(Math.abs(found.mean - MEAN)).toBeGreaterThan(6 * found.error);
});

test('what is there stays', async () => {
  const rng = new Rng(3);
  const chains = await step(halves(), X, await begin(halves(), X, 5, rng), rng);
  for (let row = 0; row < 5; row++) {
    expect([chains.x[3 * row], chains.x[3 * row + 2]]).toEqual([0.9, 0.4]);
    expect(chains.x[3 * row + 1]).not.toBeNaN();
  }
});

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
