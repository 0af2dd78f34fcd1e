import { describe, expect, it } from 'vitest';
import { ends, falsePositives, leastFirst, meanOf, percent, within } from './rates';

describe('the rate of false alarms', () => {
  it('is that of ranks, between the ends of its interval', () => {
    // scipy.stats.binomtest(k, n).proportion_ci(method="wilson")
    const some = falsePositives(50, 1000);
    expect(some.expected).toBeCloseTo(51 / 1001, 12);
    expect(some.low).toBeCloseTo(0.0381302624, 9);
    expect(some.high).toBeCloseTo(0.0653138203, 8);
    expect(falsePositives(0, 10)).toMatchObject({ expected: 1 / 11, low: 0 });
    expect(falsePositives(10, 10).expected).toBe(1);
  });

  it('is never all or none where it is not', () => {
    const said = [0, 1e-6, 0.0004, 0.05, 0.5, 0.9994, 0.9996, 10_000 / 10_001, 1].map(percent);
    expect(said).toEqual(['0.00', '0.0001', '0.04', '5.00', '50.0', '99.9', '99.96', '99.99', '100.0']);
  });

  it('ranks from the least, equals in order, and leaves out what is no number', () => {
    expect([...leastFirst([3, NaN, -2, 3, -7])]).toEqual([4, 2, 0, 3]);
  });
});

describe('a threshold', () => {
  const atOrBelow = (rising: number[], threshold: number): number => rising.filter((value) => value <= threshold).length;

  it('can lie below all scores and above all of them, as it is written', () => {
    const lists = [[-598.23, -12.34], [-12.300000190734863, -3.14], [-7, -5], [-5], [0.1, 0.30000000000000004], [-0.04, 0.04]];
    for (const rising of lists) {
      for (const decimals of [1, 2]) {
        const [low, high] = ends(rising, decimals);
        expect([low, high].map((value) => Number(value.toFixed(decimals)))).toEqual([low, high]);
        expect(atOrBelow(rising, high)).toBe(rising.length);
        expect(atOrBelow(rising, low)).toBeLessThanOrEqual(rising[0] === low ? 1 : 0);
        expect(high - low).toBeGreaterThan(0);
      }
    }
    expect(ends([-598.23, -12.34], 1)).toEqual([-598.3, -12.3]);
  });

  it('divides the bar that it falls into', () => {
    expect(within([3, 0, 4, 2], 5)).toEqual([3, 0, 2, 0]);
    expect(within(Uint32Array.of(1, 2), 0)).toEqual([0, 0]);
    expect(within([1, 2], 3)).toEqual([1, 2]);
  });

  it('has means of those that are wanted', () => {
    expect(meanOf([1, NaN, 3, 10], (i) => i < 3)).toBe(2);
    expect(meanOf([1], () => false)).toBeNaN();
  });
});
