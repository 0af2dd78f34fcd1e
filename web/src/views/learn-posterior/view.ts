import { text } from './text';
import type { View } from '../views';
import { hasX, isGaussian } from '$lib/suits';

export const view: View = {
  id: 'learn/posterior',
  order: 50,
  text,
  suits: (told) => isGaussian(told) && hasX(told),
  isWide: true,
  load: () => import('./Posterior.svelte'),
};
