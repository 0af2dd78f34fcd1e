import { text } from './text';
import type { View } from '../views';

export const view: View = {
  id: 'learn/manifold',
  order: 100,
  text,
  suits: ({ picture, space, latents, groups, prior }) =>
    picture !== null &&
    space === 'real' &&
    latents >= 2 &&
    groups.length === 0 &&
    prior.name === 'standard-normal',
  load: () => import('./Manifold.svelte'),
};
