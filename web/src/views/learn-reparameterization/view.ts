import { text } from './text';
import type { View } from '../views';
import { isGaussian } from '$lib/suits';

export const view: View = {
  id: 'learn/reparameterization',
  order: 70,
  text,
  suits: isGaussian,
  takesFirst: true,
  load: () => import('./Reparameterization.svelte'),
};
