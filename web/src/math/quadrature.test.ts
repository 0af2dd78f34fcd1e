import { expect, test } from 'vitest';
import fixture from '../../fixtures/evidence.json';
import { logStandard } from './gaussian';
import { logDensity2 } from './gaussian2';
import { decoded, kl2, LINEAR, LinearGaussian } from './known';
import * as quadrature from './quadrature';
import { LOG_SQRT_2PI, logSumExp } from './special';

test('log p(x) and posterior of a linear Gaussian model are the closed forms', async () => {
  const cells = await quadrature.refine(LINEAR.logLikelihood, 2, { tolerance: 1e-7 });
  expect(cells.logEvidence).toBeCloseTo(LINEAR.logEvidence, 7);
  expect(cells.error).toBeLessThan(1e-7);
  expect(quadrature.masses(cells).reduce((a, b) => a + b)).toBeCloseTo(1, 9);
  expect(kl2(quadrature.matched(cells), LINEAR.posterior)).toBeLessThan(1e-7);
  const entropy = -quadrature.negativeEntropy(cells);
  const [a, b] = LINEAR.posterior.axes;
  expect(entropy).toBeCloseTo(1 + 2 * LOG_SQRT_2PI + Math.log(a * b), 6);
});

test('a peak a hundred times narrower than the first cells is found', async () => {
  const narrow = new LinearGaussian(
    [
      [1, 0.3],
      [-0.4, 0.9],
    ],
    2e-3,
    [1.03, -0.77],
  );
  const cells = await quadrature.refine(narrow.logLikelihood, 2);
  expect(cells.logEvidence).toBeCloseTo(narrow.logEvidence, 4);
  expect(cells.error).toBeLessThan(1e-4);
});

test('one latent, and a posterior of two peaks', async () => {
  // log p(x|z) of x = z^2 + noise: peaks at +-sqrt(x).
  const f = (z: Float64Array) => z.map((v) => -0.5 * ((1.5 - v * v) / 0.1) ** 2);
  const cells = await quadrature.refine(f, 1, { tolerance: 1e-8 });
  let sum = 0;
  for (let z = -8 + 5e-5; z < 8; z += 1e-4) {
    sum += 1e-4 * Math.exp(-0.5 * ((1.5 - z * z) / 0.1) ** 2 - 0.5 * z * z - LOG_SQRT_2PI);
  }
  expect(cells.logEvidence).toBeCloseTo(Math.log(sum), 7);
  const { mean, covariance } = quadrature.moments(cells);
  expect(mean[0]).toBeCloseTo(0, 9);
  expect(covariance[0]).toBeGreaterThan(1.4);
});

test('a needle between the first cells is found by a probe', async () => {
  const sd = 0.004;
  const f = (z: Float64Array, rows: number) =>
    Float64Array.from({ length: rows }, (_, k) => {
      const far = Math.hypot(z[2 * k]! - 0.63, z[2 * k + 1]! + 1.21) / sd;
      return logSumExp([-0.5 * far * far, -30]);
    });
  const blind = await quadrature.refine(f, 2);
  const led = await quadrature.refine(f, 2, { probes: Float64Array.of(0.63, -1.21) });
  const needle = Math.log(2 * Math.PI * sd * sd) + logStandard([0.63, -1.21]);
  expect(blind.logEvidence).toBeCloseTo(-30, 3);
  expect(led.logEvidence).toBeCloseTo(needle, 3);
});

test.each(fixture.x.map((_, i) => i))(
  'the model of digits has the log p(x) of Python: %i',
  async (i) => {
    const cells = await quadrature.refine(decoded(i), 2);
    expect(Math.abs(cells.logEvidence - fixture.logEvidence[i]!)).toBeLessThan(1e-5);
    const { mean, covariance } = quadrature.moments(cells);
    fixture.posteriorMean[i]!.forEach((v, d) => expect(Math.abs(mean[d]! - v)).toBeLessThan(1e-4));
    fixture.posteriorCovariance[i]!.flat().forEach((v, d) =>
      expect(Math.abs(covariance[d]! - v)).toBeLessThan(1e-4),
    );
  },
);

test('a heat map is the density of the posterior, its first row on top', async () => {
  const window = [
    [-1, 2],
    [-3, 1],
  ] as const;
  const map = await quadrature.heatMap(LINEAR.logLikelihood, 16, window, LINEAR.logEvidence);
  const z = quadrature.lattice(16, window);
  expect([z[0], z[1]]).toEqual([-1 + 3 / 32, 1 - 4 / 32]);
  expect([z.at(-2), z.at(-1)]).toEqual([2 - 3 / 32, -3 + 4 / 32]);
  map.forEach((v, k) =>
    expect(v).toBeCloseTo(logDensity2(LINEAR.posterior, z[2 * k]!, z[2 * k + 1]!), 9),
  );
});

test('it stops when it is told to', async () => {
  const signal = AbortSignal.abort();
  await expect(quadrature.refine(LINEAR.logLikelihood, 2, { signal })).rejects.toThrow(/abort/i);
});
