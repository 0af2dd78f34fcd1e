import { NAMES } from '$math/likelihood';
import { text } from './text';
import type { View } from '../views';

export const view: View = {
  id: 'explore/inpaint',
  order: 70,
  text,
  // What `math/inpaint.ts` asks of a model, and pixels to erase.
  suits: ({ space, picture, prior, posterior, likelihood, examples }) =>
    space === 'real' &&
    picture !== null &&
    prior.name === 'standard-normal' &&
    posterior.name === 'gaussian' &&
    NAMES.includes(likelihood.name) &&
    examples.count > 0,
  takesFirst: true,
  load: () => import('./Inpaint.svelte'),
};
