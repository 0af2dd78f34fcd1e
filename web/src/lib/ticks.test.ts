import { describe, expect, it } from 'vitest';
import { decimals, ticks } from './ticks';

describe('ticks', () => {
  it('are round and within the bounds', () => {
    expect(ticks(-183, -171)).toEqual([-180, -175]);
    expect(ticks(0, 1)).toEqual([0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]);
    expect(decimals([0, 0.5, 1])).toBe(1);
    expect(decimals([-180, -175])).toBe(0);
  });
});
