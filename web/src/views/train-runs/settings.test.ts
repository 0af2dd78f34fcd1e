import { describe, expect, it } from 'vitest';
import { differing, flat } from './settings';

describe('settings', () => {
  it('have dotted names, and are written as they are', () => {
    const told = { model: { network: { hidden: [512, 256], dropout: 0 }, also: [] }, labelling: null, on: false };
    expect([...flat(told)]).toEqual([
      ['model.network.hidden', '512, 256'],
      ['model.network.dropout', '0'],
      ['on', 'false'],
    ]);
  });
  it('are told where they differ, and where one run has none', () => {
    const a = { model: { latent_dim: 2, also: [] }, corruption: null, training: { epochs: 5, seed: 0 } };
    const b = { model: { latent_dim: 6, also: null }, corruption: { name: 'masking' }, training: { epochs: 5, seed: 0 } };
    expect(differing([a, b])).toEqual([
      { name: 'model.latent_dim', values: ['2', '6'] },
      { name: 'corruption.name', values: [undefined, 'masking'] },
    ]);
    expect(differing([a, a])).toEqual([]);
    expect(differing([a])).toEqual([]);
  });
  it('of three runs are told where one of them differs', () => {
    expect(differing([{ a: 1 }, { a: 1 }, { a: 2 }])).toEqual([{ name: 'a', values: ['1', '1', '2'] }]);
  });
});
