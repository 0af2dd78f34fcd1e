import { text } from './text';
import type { View } from '../views';

export const view: View = {
  id: 'learn/simple-prior',
  order: 15,
  text,
  suits: ({ space, latents, prior, groups, class_is_latent }) =>
    space === 'real' &&
    latents >= 2 &&
    prior.name === 'standard-normal' &&
    !groups.length &&
    !class_is_latent,
  isWide: true,
  load: () => import('./SimplePrior.svelte'),
};
