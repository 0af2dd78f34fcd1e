import { expect, test } from 'vitest';
import fixture from '../../fixtures/evidence.json';
import { derivation, drawnElbo, elbo, exact } from './elbo';
import { at, field, fromField } from './field';
import { fit } from './fit';
import { fromDiagonal, STANDARD } from './gaussian2';
import { decoded, encoded, kl2, LINEAR, logits } from './known';
import { frozen, gaussHermite, midpoints } from './nodes';
import { refine } from './quadrature';
import { Rng } from './rng';

const EXACT = gaussHermite(32, 2);
const digits = fixture.x.map((_, i) => i);

test('the decoder of the tests is the one of Python', () => {
  const found = logits(fixture.z.flat(), 4);
  fixture.logits.flat().forEach((v, i) => expect(found[i]).toBeCloseTo(v, 9));
});

test.each(digits)('reconstruction, KL and gap of digit %i are those of Python', async (i) => {
  const found = await derivation(decoded(i), encoded(i), fixture.logEvidence[i]!, EXACT);
  expect(Math.abs(found.reconstruction - fixture.reconstruction[i]!)).toBeLessThan(1e-5);
  expect(Math.abs(found.kl - fixture.kl[i]!)).toBeLessThan(1e-5);
  expect(Math.abs(found.elbo - fixture.elbo[i]!)).toBeLessThan(1e-4);
  expect(Math.abs(found.klPosterior - fixture.klPosterior[i]!)).toBeLessThan(1e-4);
  const cells = await derivation(
    decoded(i),
    encoded(i),
    fixture.logEvidence[i]!,
    midpoints(48, 2),
  );
  expect(Math.abs(cells.reconstruction - fixture.reconstruction[i]!)).toBeLessThan(1e-5);
});

test.each(digits)('both derivations of digit %i end at the same numbers', async (i) => {
  const q = { mean: [0.3, 0.5], axes: [0.5, 0.2], angle: 0.7 } as const;
  const { logEvidence } = await refine(decoded(i), 2);
  const d = await derivation(decoded(i), q, logEvidence, EXACT);
  expect(d.elbo + d.klPosterior).toBeCloseTo(logEvidence, 5);
  expect(d.gap).toBeCloseTo(d.klPosterior, 5);
  expect(d.meanLogWeight).toBeCloseTo(d.elbo, 5);
  expect(d.logJoint + d.entropy).toBeCloseTo(d.elbo, 5);
  expect(d.logPrior + d.entropy).toBeCloseTo(-d.kl, 8);
  expect(d.gap).toBeGreaterThan(0);
});

test('a wide q over many hills is as exact as a narrow one', async () => {
  // E[cos(w z)] = exp(-w^2 / 2) for N(0, 1): nearly nothing, where ten nodes see a lot.
  const hills = (z: Float64Array, rows: number) =>
    Float64Array.from({ length: rows }, (_, k) => 50 * Math.cos(9 * z[2 * k]!));
  const coarse = await elbo(hills, STANDARD, gaussHermite(10, 2));
  const fine = await exact(hills, STANDARD, 0);
  expect(Math.abs(coarse.reconstruction)).toBeGreaterThan(1);
  expect(fine.reconstruction).toBeCloseTo(50 * Math.exp(-81 / 2), 8);
  expect(fine.error).toBeLessThan(1e-4);
  const same = await exact(decoded(0), encoded(0), fixture.logEvidence[0]!);
  expect(Math.abs(same.reconstruction - fixture.reconstruction[0]!)).toBeLessThan(1e-5);
  const four = { mean: [0, 0, 0, 0], sd: [1, 1, 1, 1] };
  await expect(exact(hills, four, 0)).rejects.toThrow(/not for 4/);
});

test('the gap is the KL to the true posterior, and Jensen loses nothing at it', async () => {
  const f = LINEAR.logLikelihood;
  for (const q of [STANDARD, { mean: [0.4, -0.2], axes: [0.9, 0.3], angle: 1 } as const]) {
    const d = await derivation(f, q, LINEAR.logEvidence, EXACT);
    expect(d.gap).toBeCloseTo(kl2(q, LINEAR.posterior), 9);
    expect(d.klPosterior).toBeCloseTo(kl2(q, LINEAR.posterior), 9);
  }
  const best = await derivation(f, LINEAR.posterior, LINEAR.logEvidence, EXACT);
  expect(best.gap).toBeCloseTo(0, 9);
  expect(best.logMeanWeight).toBeCloseTo(LINEAR.logEvidence, 9);
  const wide = { ...LINEAR.posterior, axes: [0.8, 0.8] as const };
  const loose = await derivation(f, wide, LINEAR.logEvidence, midpoints(80, 2));
  expect(loose.logMeanWeight).toBeCloseTo(LINEAR.logEvidence, 6);
});

test('frozen noise is within its error, and the same noise the same number', async () => {
  const nodes = frozen(new Rng(1), 4000, 2);
  const drawn = await elbo(decoded(0), encoded(0), nodes);
  const exact = await elbo(decoded(0), encoded(0), EXACT);
  expect(Math.abs(drawn.elbo - exact.elbo)).toBeLessThan(4 * drawn.error);
  expect(drawn.error).toBeGreaterThan(0);
  expect(await elbo(decoded(0), encoded(0), nodes)).toEqual(drawn);
  const asDiagonal = { mean: encoded(0).mean, sd: encoded(0).axes };
  const same = await elbo(decoded(0), asDiagonal, EXACT);
  expect(same.elbo).toBeCloseTo(exact.elbo, 10);
});

test('the fitted q of a linear Gaussian model is its posterior', async () => {
  const nodes = gaussHermite(8, 2);
  const found = await fit(LINEAR.logLikelihood, STANDARD, nodes);
  expect(kl2(found.q, LINEAR.posterior)).toBeLessThan(1e-6);
  expect(found.elbo).toBeCloseTo(LINEAR.logEvidence, 5);
  // Independent latents stay so: variances are one over the precisions (Bishop, 10.1.2).
  const narrow = await fit(LINEAR.logLikelihood, { mean: [0, 0], sd: [1, 1] }, nodes);
  const [aa, bb] = [1 + (1.44 + 0.16 + 0.64) * 4, 1 + (0.09 + 0.81 + 0.49) * 4];
  expect(narrow.q.sd[0]).toBeCloseTo(aa ** -0.5, 4);
  expect(narrow.q.sd[1]).toBeCloseTo(bb ** -0.5, 4);
  expect(narrow.q.mean[0]).toBeCloseTo(LINEAR.posterior.mean[0], 4);
  expect(kl2(fromDiagonal(narrow.q), LINEAR.posterior)).toBeGreaterThan(0.005);
});

test.each(digits)(
  'the fitted q of digit %i beats the encoder, and log p(x) stays above',
  async (i) => {
    const nodes = gaussHermite(10, 2);
    const seen: number[] = [];
    const found = await fit(decoded(i), encoded(i), nodes, {
      step: (_, value) => seen.push(value),
    });
    const [before, after] = await Promise.all(
      [encoded(i), found.q].map((q) => elbo(decoded(i), q, EXACT)),
    );
    expect(after!.elbo).toBeGreaterThan(before!.elbo);
    expect(after!.elbo).toBeLessThan(fixture.logEvidence[i]! + 1e-6);
    seen.slice(1).forEach((value, k) => expect(value).toBeGreaterThanOrEqual(seen[k]!));
    // No small change of q makes it better: a maximum.
    for (const by of [-0.02, 0.02]) {
      for (const q of [
        { ...found.q, mean: [found.q.mean[0] + by, found.q.mean[1]] as const },
        { ...found.q, mean: [found.q.mean[0], found.q.mean[1] + by] as const },
        { ...found.q, axes: [found.q.axes[0] * (1 + by), found.q.axes[1]] as const },
        { ...found.q, angle: found.q.angle + by },
      ]) {
        expect((await elbo(decoded(i), q, nodes)).elbo).toBeLessThan(found.elbo + 1e-5);
      }
    }
  },
);

test('it stops when it is told to', async () => {
  const stop = new AbortController();
  const how = { signal: stop.signal, step: () => stop.abort() };
  await expect(fit(decoded(0), STANDARD, gaussHermite(4, 2), how)).rejects.toThrow(/abort/i);
});

test('a field is exact for what is quadratic, and near for the digits', async () => {
  const exact = await field(LINEAR.logLikelihood, 33);
  for (const [x, y] of [
    [0.13, -0.77],
    [2.2, 3.1],
    [-4.4, 4.45],
    [0, 0],
  ] as const) {
    const value = LINEAR.logLikelihood(Float64Array.of(x, y), 1) as Float64Array;
    expect(at(exact, x, y)).toBeCloseTo(value[0]!, Math.abs(x) > 4 ? 0 : 8);
  }
  expect(at(exact, 99, 1)).toBe(at(exact, 4.5, 1));
  const [{ mean, axes }, nodes] = [encoded(0), gaussHermite(10, 2)];
  const off = async (window?: Parameters<typeof field>[2]) => {
    const grid = await field(decoded(0), 97, window);
    const found = await elbo(fromField(grid), encoded(0), nodes);
    return Math.abs(found.reconstruction - fixture.reconstruction[0]!);
  };
  expect(await off()).toBeLessThan(1e-3);
  const side = (d: 0 | 1) => [mean[d] - 6 * axes[d], mean[d] + 6 * axes[d]] as const;
  expect(await off([side(0), side(1)])).toBeLessThan(1e-5);
});

test.each(digits)('the mean of log w of digit %i is its ELBO within its error, which is the smaller one', async (i) => {
  const found = await drawnElbo(decoded(i), encoded(i), 2000, new Rng(3));
  const straight = await elbo(decoded(i), encoded(i), frozen(new Rng(3), 2000, 2));
  expect(Math.abs(found.elbo - fixture.elbo[i]!)).toBeLessThan(5 * found.error);
  expect(Math.abs(found.kl - fixture.kl[i]!)).toBeLessThan(1e-5);
  expect(found.reconstruction - found.kl).toBeCloseTo(found.elbo, 10);
  expect(found.error).toBeLessThan(straight.error);
});
