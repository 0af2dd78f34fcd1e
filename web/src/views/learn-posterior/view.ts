import { text } from './text';
import type { View } from '../views';
import { isGaussian } from '$lib/suits';

export const view: View = {
  id: 'learn/posterior',
  order: 50,
  text,
  suits: isGaussian,
  isWide: true,
  load: () => import('./Posterior.svelte'),
};
