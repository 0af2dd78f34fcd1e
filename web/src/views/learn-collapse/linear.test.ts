import { expect, test } from 'vitest';
import { givenUp, klWith, modelWith } from './linear';

/** KL and distortion (but for a constant) of one direction of a linear VAE, by its solution. */
function solved(lambda: number, variance: number, beta: number): { rate: number; distortion: number } {
  const isUsed = lambda > beta * variance;
  const rate = isUsed ? 0.5 * Math.log(lambda / (beta * variance)) : 0;
  return { rate, distortion: 0.5 * (isUsed ? beta : lambda / variance) };
}

test('the KL with another beta is that of the linear VAE’s solution', () => {
  const [at, variance] = [0.5, 0.3];
  const lambdas = [9, 1.2, 0.4];
  const now = lambdas.map((lambda) => solved(lambda, variance, at));
  const kl = now.map(({ rate }) => rate);
  const sum = (of: typeof now, name: 'rate' | 'distortion') => of.reduce((all, one) => all + one[name], 0);
  const model = { rate: sum(now, 'rate'), distortion: sum(now, 'distortion') };
  for (const beta of [0.2, 0.5, 1, 3, 50]) {
    const wanted = lambdas.map((lambda) => solved(lambda, variance, beta));
    kl.forEach((one, d) => expect(klWith(one, at, beta)).toBeCloseTo(wanted[d]!.rate, 12));
    const found = modelWith(model, kl, at, beta);
    expect(found.rate).toBeCloseTo(sum(wanted, 'rate'), 12);
    expect(found.distortion).toBeCloseTo(sum(wanted, 'distortion'), 12);
  }
  lambdas.forEach((lambda, d) => expect(givenUp(kl[d]!, at)).toBeCloseTo(lambda / variance, 10));
});

test('the slope of the curve is minus beta, and the bound is best at one', () => {
  const [model, kl] = [{ rate: 3, distortion: 90 }, [2, 0.8, 0.2, 0.003]];
  for (const beta of [0.5, 1.3, 4]) {
    const [a, b] = [modelWith(model, kl, 1, beta), modelWith(model, kl, 1, beta + 1e-6)];
    expect((b.distortion - a.distortion) / (b.rate - a.rate)).toBeCloseTo(-beta, 4);
    expect(-a.rate - a.distortion).toBeLessThan(-model.rate - model.distortion);
  }
  expect(klWith(0.003, 1, 0.1)).toBe(0);
});
