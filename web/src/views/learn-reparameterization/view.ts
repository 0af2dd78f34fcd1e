import { text } from './text';
import type { View } from '../views';
import { hasX, isGaussian } from '$lib/suits';

export const view: View = {
  id: 'learn/reparameterization',
  order: 70,
  text,
  suits: (told) => isGaussian(told) && hasX(told),
  takesFirst: true,
  load: () => import('./Reparameterization.svelte'),
};
