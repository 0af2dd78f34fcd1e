import { describe, expect, it } from 'vitest';
import { falsePositives, leastFirst, percent } from './rates';

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
