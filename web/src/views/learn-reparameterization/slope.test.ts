import { expect, test } from 'vitest';
import { sliced, smooth } from './slope';
import type { LogLikelihood } from '$math/evaluate';

const f: LogLikelihood = (z, rows) =>
  Float64Array.from({ length: rows }, (_, k) => -3 * z[2 * k]! ** 2 + z[2 * k]! * z[2 * k + 1]! + 0.2 * z[2 * k]! ** 3);

test('a slice is log p(x|z) along its latent, with its derivative', async () => {
  const slice = await sliced(f, [99, 0.7], 0, [-2, 2], 401, new AbortController().signal);
  const { f: value, slope } = smooth(slice);
  for (const z of [-1.9, -0.333, 0, 0.5, 1.87]) {
    expect(value(z)).toBeCloseTo(-3 * z * z + 0.7 * z + 0.2 * z ** 3, 5);
    expect(slope(z)).toBeCloseTo(-6 * z + 0.7 + 0.6 * z * z, 3);
  }
});

test('the derivative is that of the function, beyond the table as well', async () => {
  const slice = await sliced(f, [0, 0.7], 0, [-2, 2], 41, new AbortController().signal);
  const { f: value, slope } = smooth(slice);
  for (const z of [-3.1, -2.01, -1.97, 0.123, 1.96, 2.4]) {
    expect(slope(z)).toBeCloseTo((value(z + 1e-6) - value(z - 1e-6)) / 2e-6, 5);
  }
});
