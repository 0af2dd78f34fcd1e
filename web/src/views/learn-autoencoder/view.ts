import { text } from './text';
import { isStandard } from '$lib/suits';
import type { View } from '../views';

export const view: View = {
  id: 'learn/autoencoder',
  order: 90,
  text,
  suits: (told) => told.latents === 2 && !told.conditions.length && (told.posterior.name === 'dirac' || isStandard(told)),
  isWide: true,
  follows: true,
  scrubs: true,
  load: () => import('./Autoencoder.svelte'),
};
