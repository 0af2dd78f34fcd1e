import { describe, expect, it } from 'vitest';
import { columnsOf, unusual } from './row';

const rows = [1, 100, NaN, 2, 200, 5, 3, 300, 5, 6, 200, 5];

describe('the cells of a row', () => {
  it('are measured by their columns, without those that are missing', () => {
    const { mean, deviation } = columnsOf(rows, 3);
    expect([...mean]).toEqual([3, 200, 5]);
    expect(deviation[0]).toBeCloseTo(Math.sqrt(3.5), 12);
    expect(deviation[1]).toBeCloseTo(Math.sqrt(5000), 12);
    expect(deviation[2]).toBe(0);
  });

  it('are unusual by their deviations, not by their units', () => {
    const columns = columnsOf(rows, 3);
    expect(unusual([6, 200, 5], columns, 2)).toEqual([0, 1]);
    expect(unusual([3, 300, 5], columns, 1)).toEqual([1]);
    expect(unusual([NaN, 150, NaN], columns, 2)).toEqual([1]);
  });
});
