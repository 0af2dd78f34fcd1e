import { describe, expect, it } from 'vitest';
import type { MetricsRow } from '$lib/source/description';
import { areApart, best, bounds, curve, outside, placing, pointAt, some, spread, time } from './curves';

const row = (epoch: number, split: 'train' | 'validation', more: object): MetricsRow => ({
  ...{ epoch, step: epoch, seconds: 1, split, elbo: null, reconstruction: null, kl: null },
  ...{ kl_per_dim: null, active_units: null },
  ...more,
});

describe('curves', () => {
  it('leave out what is no number', () => {
    const rows = [row(1, 'train', { elbo: -9 }), row(2, 'train', {}), row(2, 'validation', { elbo: -8 })];
    expect(curve(rows, 'elbo', 'train')).toEqual([{ x: 1, y: -9 }]);
  });
  it('run over steps, or over seconds that add up', () => {
    const rows = [1, 2].flatMap((epoch) =>
      (['train', 'validation'] as const).map((split) => row(epoch, split, { elbo: -epoch, step: 10 * epoch, seconds: 2 })),
    );
    expect(curve(rows, 'elbo', 'validation', 'step').map(({ x }) => x)).toEqual([10, 20]);
    expect(curve(rows, 'elbo', 'validation', 'seconds').map(({ x }) => x)).toEqual([2, 4]);
    expect(rows.map(placing(rows, 'seconds'))).toEqual([2, 2, 4, 4]);
  });
  it('are read where they are known, nearest to a place, and no farther than they go', () => {
    const points = [{ x: 1, y: 5 }, { x: 4, y: 6 }];
    expect([0, 1, 2, 3, 4, 5].map((at) => pointAt(points, at)?.x)).toEqual([undefined, 1, 1, 4, 4, undefined]);
    expect(pointAt([], 1)).toBeUndefined();
  });
  it('are apart where one is known at a place at which another, that goes on, is not', () => {
    const line = (...at: number[]) => ({ points: at.map((x) => ({ x, y: 0 })) });
    expect(areApart([line(1, 2, 3), line(1, 2, 3)])).toBe(false);
    expect(areApart([line(1, 2, 3), line(1, 2), line()])).toBe(false);
    expect(areApart([line(550, 1100, 1650), line(1, 1375, 2750)])).toBe(true);
  });
  it('are bounded by what comes after the first epochs of a long run', () => {
    const points = Array.from({ length: 101 }, (_, i) => ({ x: i, y: i < 5 ? -1e6 : -100 }));
    const [low, high] = bounds([points]);
    expect(low).toBeGreaterThan(-110);
    expect(high).toBeGreaterThan(-100);
    expect(bounds([[{ x: 1, y: 3 }]])[0]).toBeLessThan(3);
  });
  it('say which epochs lie outside of what is shown', () => {
    const points = [-900, -400, -110, -100, -101].map((y, i) => ({ x: i + 1, y }));
    const other = [{ x: 3, y: -450 }];
    expect(outside([points, other], [-120, -90])).toEqual({ below: { first: 1, last: 3, furthest: -900 } });
    expect(outside([points], [-950, -105]).above).toEqual({ first: 4, last: 5, furthest: -100 });
    expect(outside([points], [-950, 0])).toEqual({});
  });
  it('have the best epoch by the objective, where there is one', () => {
    const rows = [row(1, 'validation', { elbo: -8 }), row(2, 'validation', { elbo: -9 })];
    expect(best(rows)?.epoch).toBe(1);
    const other = [row(1, 'validation', { elbo: -8, objective: -3 }), row(2, 'validation', { elbo: -9, objective: -2 })];
    expect(best(other)?.epoch).toBe(2);
    expect(best([])).toBeUndefined();
  });
});

describe('spread', () => {
  it('puts latents in the order of what they cost now, and groups in their own', () => {
    const latents = spread([
      row(1, 'validation', { kl_per_dim: [2, 1] }),
      row(2, 'validation', { kl_per_dim: [1, 3] }),
      row(2, 'train', { kl_per_dim: [9, 9] }),
    ]);
    expect(latents?.shares.map(({ place }) => place)).toEqual([1, 0]);
    expect(latents?.shares[0]?.nats).toEqual([1, 3]);
    const groups = spread([row(1, 'validation', { kl_by_group: [1, 5, 2] })]);
    expect(groups?.by).toBe('group');
    expect(groups?.shares.map(({ place }) => place)).toEqual([0, 1, 2]);
    expect(spread([row(1, 'validation', {})])).toBeUndefined();
  });
});

describe('some', () => {
  it('keeps the first and the last', () => {
    expect(some([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8]);
    expect(some([1, 2], 5)).toEqual([1, 2]);
    expect(some([1, 2, 3], 1)).toEqual([3]);
  });
});

describe('time', () => {
  it('is written as by a clock', () => {
    expect([time(41.6), time(185), time(7800)]).toEqual(['0:42', '3:05', '2:10:00']);
  });
});
