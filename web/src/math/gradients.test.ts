import { expect, test } from 'vitest';
import * as gradients from './gradients';
import { gaussHermite, meanOver } from './nodes';
import { Rng } from './rng';

/**
 * Mean and variances of both gradients in closed form for f(z) = a z^2 + b z + c, whose mean is
 * a (mu^2 + sigma^2) + b mu + c:
 * with f = A + B eps + C eps^2, every variance is a sum of moments of N(0, 1).
 */
function quadratic(a: number, b: number, c: number, mu: number, sigma: number) {
  const [A, B, C] = [a * mu * mu + b * mu + c, (2 * a * mu + b) * sigma, a * sigma * sigma];
  const square = sigma * sigma;
  const even = B * B + 2 * A * C; // of eps^2 in f^2
  return {
    mean: { mu: B / sigma, sigma: (2 * C) / sigma },
    pathwise: { mu: (4 * C * C) / square, sigma: (B * B + 8 * C * C) / square },
    score: {
      mu: (A * A + 3 * even + 15 * C * C - B * B) / square,
      sigma: (2 * A * A + 10 * even + 78 * C * C - 4 * C * C) / square,
    },
  };
}

const f = (z: number) => 1.5 * z * z - 0.7 * z + 2;
const slope = (z: number) => 3 * z - 0.7;
const [mu, sigma] = [0.6, 0.8];
const exact = quadratic(1.5, -0.7, 2, mu, sigma);

test('the closed forms are those of quadrature', () => {
  const { eps } = gaussHermite(12, 1);
  const nodes = gaussHermite(12, 1);
  const pairs = [
    [gradients.pathwise(slope, mu, sigma, eps), exact.pathwise],
    [gradients.score(f, mu, sigma, eps), exact.score],
  ] as const;
  for (const [draws, variance] of pairs) {
    for (const of of ['mu', 'sigma'] as const) {
      const { mean } = meanOver(nodes, draws[of]);
      expect(mean).toBeCloseTo(exact.mean[of], 10);
      const square = meanOver(
        nodes,
        draws[of].map((g) => (g - mean) ** 2),
      ).mean;
      expect(square).toBeCloseTo(variance[of], 9);
    }
  }
  // d/d mu and d/d sigma of a (mu^2 + sigma^2) + b mu + c.
  expect(exact.mean.mu).toBeCloseTo(3 * mu - 0.7, 12);
  expect(exact.mean.sigma).toBeCloseTo(3 * sigma, 12);
});

test('draws have these means and variances, and the baseline only the means', () => {
  const n = 40000;
  const eps = new Rng(1).normals(n);
  const path = gradients.pathwise(slope, mu, sigma, eps);
  const score = gradients.score(f, mu, sigma, eps);
  const less = gradients.score(f, mu, sigma, eps, true);
  for (const of of ['mu', 'sigma'] as const) {
    for (const draws of [path, score, less]) {
      const { mean, error } = gradients.spread(draws[of]);
      expect(Math.abs(mean - exact.mean[of])).toBeLessThan(4 * error);
    }
    for (const [draws, variance] of [
      [path, exact.pathwise],
      [score, exact.score],
    ] as const) {
      const found = gradients.spread(draws[of]);
      // The error of a variance is that of a mean of squares.
      const squares = draws[of].map((g) => (g - found.mean) ** 2);
      expect(Math.abs(found.variance - variance[of])).toBeLessThan(
        4 * gradients.spread(squares).error,
      );
    }
    expect(gradients.spread(less[of]).variance).toBeLessThan(0.7 * exact.score[of]);
    const ratio = gradients.varianceRatio(score, path)[of];
    expect(ratio / (exact.score[of] / exact.pathwise[of])).toBeGreaterThan(0.8);
    expect(ratio / (exact.score[of] / exact.pathwise[of])).toBeLessThan(1.25);
  }
});

test('a constant added to f is nothing to the path, and all the more to the score', () => {
  const more = quadratic(1.5, -0.7, 102, mu, sigma);
  expect(more.pathwise).toEqual(exact.pathwise);
  expect(more.score.mu).toBeGreaterThan(100 * exact.score.mu);
});

test('differences stand in for a derivative', () => {
  const found = gradients.derivative(Math.sin);
  [-2, 0, 1].forEach((z) => expect(found(z)).toBeCloseTo(Math.cos(z), 9));
});
