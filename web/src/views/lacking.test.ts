import { describe, expect, it } from 'vitest';
import type { Description } from '$lib/source/description';
import { lacking } from './lacking';
import { fits, views } from './views';

const told = {
  latents: 2,
  groups: [],
  space: 'real',
  posterior: { name: 'gaussian' },
  prior: { name: 'standard-normal', is_proper: true },
  likelihood: { name: 'bernoulli' },
  class_is_latent: false,
  is_likelihood: true,
  x: { kind: 'bytes' },
  picture: { channels: 1, height: 28, width: 28, ink: true },
  conditions: [],
  examples: { count: 100 },
  numbers: {},
  is_training: false,
} as unknown as Description;
const ladder: Description = {
  ...told,
  latents: 812,
  groups: [2, 3],
  posterior: { name: 'ladder' },
  prior: { name: 'ladder', is_proper: true },
};
const without: Description = { ...told, examples: { ...told.examples, count: 0 } };
const view = (id: string): (typeof views)[number] => views.find((one) => one.id === id)!;

describe('what a view lacks', () => {
  it.each([
    ['learn/flow', ladder, 'oneGroup'],
    ['explore/inpaint', ladder, 'oneGroup'],
    ['explore/unlikely', without, 'data'],
    ['explore/map', { ...told, is_training: true }, 'over'],
    ['explore/unlikely', { ...without, is_training: true }, 'over'],
    ['train/live', told, 'training'],
    ['explore/groups', told, 'ladder'],
    ['explore/conditions', told, 'conditions'],
    ['learn/draw', { ...told, picture: null }, 'digits'],
    ['learn/manifold', { ...told, picture: null }, 'pictures'],
    ['learn/prior', { ...told, latents: 1 }, 'two'],
    ['learn/kl', { ...told, prior: { name: 'vamp', is_proper: true } }, 'normal'],
    ['learn/kl', ladder, 'oneGroup'],
    ['learn/elbo', { ...told, posterior: { name: 'flow' } }, 'gaussian'],
    ['learn/collapse', { ...told, is_likelihood: false }, 'likelihood'],
  ])('%s', (id, told, wanted) => {
    expect(fits(view(id), told)).toBe(false);
    expect(lacking(view(id), told)).toEqual([wanted]);
  });

  it.each(['learn/posterior', 'learn/elbo', 'learn/reparameterization', 'learn/sampling'])('%s, of one x', (id) => {
    // Without examples a digit can be drawn and taken along; of a table there is none.
    expect(fits(view(id), without)).toBe(true);
    expect(lacking(view(id), { ...without, picture: null })).toEqual(['data']);
  });

  it('is known of every view and of models that share nothing with it', () => {
    const odd: Description = {
      ...ladder,
      is_likelihood: false,
      picture: null,
      x: { ...told.x, kind: 'real' },
      likelihood: { name: 'coupled-mixture' },
      examples: without.examples,
      groups: [],
      space: 'binary',
      class_is_latent: true,
      conditions: [{ name: 'c', classes: [], mean: 0, std: 1 }],
    };
    for (const one of views.filter((view) => !fits(view, odd))) {
      expect(lacking(one, odd), one.id).not.toEqual([]);
    }
  });
});
