import { text } from './text';
import type { View } from '../views';
import { isGaussian } from '$lib/suits';

export const view: View = {
  id: 'learn/elbo',
  order: 60,
  text,
  suits: isGaussian,
  isWide: true,
  load: () => import('./Elbo.svelte'),
};
