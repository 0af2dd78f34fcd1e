import { expect, test } from 'vitest';
import fixture from '../../fixtures/special.json';
import {
  log1mexp,
  logGamma,
  logMeanExp,
  logSigmoid,
  logSumExp,
  normalCdf,
  normalQuantile,
  sigmoid,
  softplus,
} from './special';

/** Relative error, absolute below 1. */
function close(found: number, expected: number, tolerance: number): void {
  expect(Math.abs(found - expected) / Math.max(1, Math.abs(expected))).toBeLessThan(tolerance);
}

test('the normal distribution function is scipy, in the tails by ratio', () => {
  fixture.cdf.x.forEach((x, i) => {
    const expected = fixture.cdf.value[i]!;
    close(normalCdf(x), expected, 1e-14);
    if (x < 0 && x > -37) expect(Math.abs(normalCdf(x) / expected - 1)).toBeLessThan(1e-8);
  });
});

test('its inverse is scipy, and an inverse', () => {
  fixture.quantile.p.forEach((p, i) => {
    const z = normalQuantile(p);
    close(z, fixture.quantile.value[i]!, 1e-13);
    if (z > -7) close(normalCdf(z) / p, 1, 1e-10);
  });
  expect([0, 1, -1, 2].map(normalQuantile)).toEqual([-Infinity, Infinity, NaN, NaN]);
});

test('log Gamma, softplus and log(1 - e^-x) are scipy', () => {
  fixture.logGamma.x.forEach((x, i) => close(logGamma(x), fixture.logGamma.value[i]!, 1e-14));
  fixture.softplus.x.forEach((x, i) => close(softplus(x), fixture.softplus.value[i]!, 1e-15));
  fixture.log1mexp.x.forEach((x, i) => close(log1mexp(x), fixture.log1mexp.value[i]!, 1e-12));
});

test('nothing overflows, and sums of logarithms know what nothing is', () => {
  expect(softplus(1000)).toBe(1000);
  expect(softplus(-1000)).toBe(0);
  expect(logSigmoid(-1000)).toBe(-1000);
  expect(sigmoid(-1000)).toBe(0);
  expect(sigmoid(3) + sigmoid(-3)).toBeCloseTo(1, 15);
  expect(logSumExp([-1000, -1000])).toBeCloseTo(-1000 + Math.LN2, 12);
  expect(logSumExp([])).toBe(-Infinity);
  expect(logSumExp([-Infinity, 2])).toBe(2);
  expect(logSumExp([NaN, 2])).toBeNaN();
  expect(logMeanExp([5, 1, 1, 9], 1, 3)).toBeCloseTo(1, 15);
});
