import { describe, expect, it } from 'vitest';
import { bootstrap, differences, paired } from './paired';
import { Rng } from './rng';
import { quantile, sorted } from './stats';

describe('paired differences', () => {
  it('have a mean and its error, of those that are numbers', () => {
    const found = paired(differences([1, 2, 4, NaN], [2, 2, 6, 3]));
    expect(found.n).toBe(3);
    expect(found.mean).toBeCloseTo(1, 12);
    expect(found.error).toBeCloseTo(1 / Math.sqrt(3), 12);
  });
  it('know nothing of what both find hard alike', () => {
    const a = new Rng(1).normals(500).map((value) => 100 * value);
    const found = paired(differences(a, a.map((value) => value + 2)));
    expect(found.mean).toBeCloseTo(2, 10);
    expect(found.error).toBeLessThan(1e-9);
  });
  it('are of as many', () => {
    expect(() => differences([1], [1, 2])).toThrow(RangeError);
    expect(paired([]).mean).toBeNaN();
    expect(paired([3]).error).toBeNaN();
  });
});

describe('the bootstrap', () => {
  it('gives what theory gives of many draws', async () => {
    const row = new Rng(2).normals(400);
    const { mean, error } = paired(row);
    const [interval] = await bootstrap([row], new Rng(3), { resamples: 4000 });
    expect(interval![0]).toBeCloseTo(mean - 1.96 * error, 2);
    expect(interval![1]).toBeCloseTo(mean + 1.96 * error, 2);
  });
  it('is skew where the numbers are: exactly, of three numbers', async () => {
    const row = [0, 0, 3];
    // Means are Binomial(3, 1/3): 0 with 8/27, 1 with 12/27, 2 with 6/27, 3 with 1/27.
    const [half] = await bootstrap([row], new Rng(4), { resamples: 20000, share: 0.5 });
    expect(half![0]).toBeCloseTo(0, 10);
    expect(half![1]).toBeCloseTo(2, 10);
    const [most] = await bootstrap([row], new Rng(4), { resamples: 20000, share: 0.95 });
    expect(most![1]).toBeCloseTo(3, 10);
  });
  it('draws the rows of all columns together, and the same from one seed', async () => {
    const a = new Rng(5).normals(50);
    const found = await bootstrap([a, a.map((value) => 2 * value)], new Rng(6));
    expect(found[1]![0]).toBeCloseTo(2 * found[0]![0], 10);
    expect(await bootstrap([a], new Rng(6))).toEqual([found[0]]);
    expect(await bootstrap([a], new Rng(7))).not.toEqual([found[0]]);
    expect(quantile(sorted(a), 0.5)).toBeLessThan(found[0]![1]);
  });
  it('stops when it is no longer wanted', async () => {
    const stop = new AbortController();
    const going = bootstrap([new Float64Array(5000)], new Rng(1), { resamples: 1e6, signal: stop.signal });
    stop.abort(new Error('left'));
    await expect(going).rejects.toThrow('left');
  });
});
