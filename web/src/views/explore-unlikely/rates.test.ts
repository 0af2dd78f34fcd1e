import { describe, expect, it } from 'vitest';
import { falsePositives, leastFirst } from './rates';

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

  it('ranks from the least, equals in order, and leaves out what is no number', () => {
    expect([...leastFirst([3, NaN, -2, 3, -7])]).toEqual([4, 2, 0, 3]);
  });
});
