import { describe, expect, it } from 'vitest';
import { chosen, evidence, measured } from './numbers';

describe('numbers of two models', () => {
  it('are means with their paired difference', () => {
    const [elbo] = measured('elbo', [-3, -5], [-2, -6]);
    expect(elbo).toMatchObject({ a: -4, b: -4, difference: { n: 2, mean: 0, error: 1 } });
    expect(measured('kl', undefined, [1])).toEqual([]);
  });
  it('say in which examples they differ, the most first', () => {
    const each = [1, -5, NaN, 3, 0];
    expect(chosen(each, 'most', 2)).toEqual([1, 3]);
    expect(chosen(each, 'a', 2)).toEqual([1, 4]);
    expect(chosen(each, 'b', 2)).toEqual([3, 0]);
    expect(chosen(each, 'first', 3)).toEqual([0, 1, 3]);
  });
});

describe('evaluated log p(x)', () => {
  const of = (log_likelihood: number | null, n_examples = 100) => ({ elbo: 0, reconstruction: 0, kl: 0, log_likelihood, n_examples });
  it('is held against the other where it is of as many examples', () => {
    expect(evidence({ test: of(-90) }, { test: of(-88) })).toMatchObject({ split: 'test', difference: -2 });
    expect(evidence({ test: of(-90) }, { test: of(-88, 50) })?.difference).toBeUndefined();
    expect(evidence({ test: of(-90) }, {})?.b).toBeUndefined();
    expect(evidence({ test: of(null) }, {})).toBeUndefined();
    expect(evidence({ test: of(null), validation: of(-1) }, {})?.split).toBe('validation');
  });
});
