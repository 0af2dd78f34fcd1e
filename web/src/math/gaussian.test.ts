import { expect, test } from 'vitest';
import fixture from '../../fixtures/gaussian.json';
import * as gaussian from './gaussian';
import { Rng } from './rng';

const { diagonal: f } = fixture;
const q = { mean: f.mean, sd: f.sd };
const p = { mean: f.otherMean, sd: f.otherSd };

test('densities, divergences and entropy are those of scipy and torch', () => {
  f.logDensity.forEach((value, row) => {
    expect(gaussian.logDensity(q, f.z.flat(), row)).toBeCloseTo(value, 11);
    expect(gaussian.logStandard(f.z.flat(), 4, row)).toBeCloseTo(f.logStandard[row]!, 11);
  });
  f.kl.forEach((value, d) => expect(gaussian.klEach(q, p)[d]).toBeCloseTo(value, 11));
  f.reverse.forEach((value, d) => expect(gaussian.klEach(p, q)[d]).toBeCloseTo(value, 11));
  f.klToStandard.forEach((v, d) => expect(gaussian.klToStandardEach(q)[d]).toBeCloseTo(v, 11));
  expect(gaussian.kl(q, p)).toBeCloseTo(
    f.kl.reduce((a, b) => a + b),
    11,
  );
  expect(gaussian.entropy(q)).toBeCloseTo(f.entropy, 11);
});

test('the integrand of the KL integrates to it', () => {
  const [one, two] = [
    { mean: 0.7, sd: 0.4 },
    { mean: -0.2, sd: 1.3 },
  ];
  let forward = 0;
  for (let z = -12; z <= 12; z += 0.01) forward += 0.01 * gaussian.klIntegrand(z, one, two);
  expect(forward).toBeCloseTo(
    gaussian.kl({ mean: [0.7], sd: [0.4] }, { mean: [-0.2], sd: [1.3] }),
    10,
  );
  let own = 0;
  for (let z = -12; z <= 12; z += 0.01) own += 0.01 * gaussian.klIntegrand(z, one);
  expect(own).toBeCloseTo(gaussian.klToStandard({ mean: [0.7], sd: [0.4] }), 10);
});

test('the KL is 0 only where both are the same', () => {
  expect(gaussian.kl(q, q)).toBeCloseTo(0, 12);
  expect(gaussian.klToStandard({ mean: [0, 0], sd: [1, 1] })).toBe(0);
  expect(gaussian.klToStandard({ mean: [0, 0], sd: [1, 1.1] })).toBeGreaterThan(0);
});

test('draws have the mean and spread of q, and are affine in the noise', () => {
  const n = 20000;
  const z = gaussian.reparameterize(q, new Rng(0).normals(4 * n));
  for (let d = 0; d < 4; d++) {
    const column = z.filter((_, i) => i % 4 === d);
    const mean = column.reduce((a, b) => a + b) / n;
    const variance = column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / n;
    expect(Math.abs(mean - q.mean[d]!)).toBeLessThan((4 * q.sd[d]!) / Math.sqrt(n));
    expect(Math.abs(variance / q.sd[d]! ** 2 - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  }
  expect([...gaussian.reparameterize({ mean: [1, 2], sd: [3, 4] }, [1, 0, 0, -1])]).toEqual([
    4, 2, 1, -2,
  ]);
});
