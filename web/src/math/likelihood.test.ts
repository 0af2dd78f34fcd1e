import { expect, test } from 'vitest';
import fixture from '../../fixtures/likelihood.json';
import {
  draws,
  family,
  logLikelihood,
  means,
  NAMES,
  type Parameters,
} from './likelihood';
import { Rng } from './rng';
import type { Numbers } from './special';

const ROWS = 3;
const DIMS = 8;
/** Nats of each dimension of one row, (D), 0 where x is missing. */
function logEach(name: string, parameters: Parameters, x: Numbers, rows = 1, row = 0): Float64Array {
  const p = family(name).bind(parameters, rows * x.length);
  return Float64Array.from({ length: x.length }, (_, d) =>
    Number.isNaN(x[d]!) ? 0 : p.logProb(row * x.length + d, x[d]!),
  );
}

const cases = fixture.map((one) => ({
  ...one,
  parameters: one.parameters as unknown as Parameters,
}));

test('every likelihood that can be computed is held against Python', () => {
  expect(cases.map((one) => one.name).sort()).toEqual([...NAMES].sort());
});

test.each(cases)('log p(x|z) of $name is Python, dimension by dimension', (one) => {
  one.x.forEach((x, row) => {
    const each = logEach(one.name, one.parameters, x, ROWS, row);
    // Python computes in float32.
    one.each[row]!.forEach((v, d) =>
      expect(Math.abs(each[d]! - v)).toBeLessThan(2e-5 * (1 + Math.abs(v))),
    );
  });
  const total = logLikelihood(one.name, one.parameters, one.x.flat(), ROWS, DIMS);
  one.total.forEach((v, row) =>
    expect(Math.abs(total[row]! - v)).toBeLessThan(5e-5 + 1e-6 * Math.abs(v)),
  );
  const first = logLikelihood(one.name, one.parameters, one.x[0]!, ROWS);
  one.first.forEach((v, row) =>
    expect(Math.abs(first[row]! - v)).toBeLessThan(5e-5 + 1e-6 * Math.abs(v)),
  );
});

test.each(cases)('E[x|z] of $name is Python, and the mean of draws', (one) => {
  const found = means(one.name, one.parameters, ROWS * DIMS);
  one.mean.forEach((v, at) =>
    expect(Math.abs(found[at]! - v)).toBeLessThan(2e-5 * (1 + Math.abs(v))),
  );
  const n = 4000;
  const rng = new Rng(1);
  const rows = Array.from({ length: n }, () => draws(one.name, one.parameters, ROWS * DIMS, rng));
  for (let at = 0; at < ROWS * DIMS; at++) {
    const mean = rows.reduce((sum, row) => sum + row[at]!, 0) / n;
    const variance = rows.reduce((sum, row) => sum + (row[at]! - mean) ** 2, 0) / n;
    const error = Math.sqrt(variance / n) + 1e-4 * Math.abs(found[at]!);
    expect(Math.abs(mean - found[at]!)).toBeLessThan(5 * error + 1e-3);
  }
});

test.each(cases.filter((one) => family(one.name).isMass))('P of $name sums to one', (one) => {
  const codes = { bernoulli: 2, categorical: 4, ordinal: 5 }[one.name];
  const levels = one.name.includes('logistic');
  const count = levels ? 256 : (codes ?? 3000);
  let sum = 0;
  for (let k = 0; k < count; k++) {
    const x = new Float64Array(DIMS).fill(NaN);
    x[3] = levels ? k / 255 : k;
    sum += Math.exp(logLikelihood(one.name, one.parameters, x, ROWS)[1]!);
  }
  expect(sum).toBeCloseTo(1, 5);
});

test.each<{ name: string; parameters: Record<string, number[]> }>([
  { name: 'continuous-bernoulli', parameters: { logits: [1.7] } },
  { name: 'continuous-bernoulli', parameters: { logits: [-0.03] } },
  { name: 'beta', parameters: { concentration1: [2.5], concentration0: [3.5] } },
])('the density of $name integrates to one', ({ name, parameters }) => {
  const n = 2000;
  let sum = 0;
  for (let k = 0; k < n; k++) sum += Math.exp(logEach(name, parameters, [(k + 0.5) / n])[0]!) / n;
  expect(sum).toBeCloseTo(1, 5);
});

test('logits of choices count up to a constant', () => {
  for (const name of ['logistic-mixture', 'categorical']) {
    const one = cases.find((other) => other.name === name)!;
    const logits = Float64Array.from(one.parameters['logits']!, (l) => l + 3);
    const found = logLikelihood(name, { ...one.parameters, logits }, one.x[0]!, ROWS);
    one.first.forEach((v, row) => expect(found[row]).toBeCloseTo(v, 3));
    means(name, { ...one.parameters, logits }, ROWS * DIMS).forEach((v, at) =>
      expect(v).toBeCloseTo(one.mean[at]!, 4),
    );
  }
});

test('the quick sum of many pixels is the slow one', () => {
  const rng = new Rng(2);
  const logits = rng.normals(3000).map((l, i) => (i % 7 ? 3 * l : 60 * l));
  const x = rng.uniforms(3000).map((u, i) => (i % 11 ? u : NaN));
  const slow = logEach('bernoulli', { logits }, x).reduce((sum, v) => sum + v, 0);
  expect(logLikelihood('bernoulli', { logits }, x, 1)[0]).toBeCloseTo(slow, 8);
});

test('what is missing is left out, and what is impossible has no probability', () => {
  const p = { logits: [1, 2, 3] };
  expect(logLikelihood('bernoulli', p, [1, NaN, 0], 1)[0]).toBeCloseTo(
    -Math.log1p(Math.exp(-1)) - Math.log1p(Math.exp(3)),
    12,
  );
  expect(logLikelihood('poisson', { log_rate: [0] }, [0.5], 1)[0]).toBe(-Infinity);
  expect(logLikelihood('categorical', { logits: [0, 0] }, [2], 1)[0]).toBe(-Infinity);
  expect(logLikelihood('beta', { concentration1: [2], concentration0: [2] }, [1], 1)[0]).toBe(
    -Infinity,
  );
});

test('what cannot be computed says why', () => {
  expect(() => family('ms-ssim')).toThrow(/it is a cost/);
  expect(() => family('coupled-mixture')).toThrow(/depend on each other/);
  expect(() => family('gausian')).toThrow(/nothing is known of it.*bernoulli, /);
  expect(() => logLikelihood('gaussian', { loc: [1, 2] }, [0, 0], 1)).toThrow(/needs "scale" of 2 cells/);
  expect(() => logLikelihood('bernoulli', { logits: [1, 2, 3] }, [0, 0], 1)).toThrow(/3 numbers/);
  expect(() => logLikelihood('bernoulli', { logits: [1, 2, 3, 4] }, [0, 0, 0], 2, 2)).toThrow(
    /neither/,
  );
});
