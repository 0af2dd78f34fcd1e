import { text } from './text';
import { isStandard } from '$lib/suits';
import type { View } from '../views';

export const view: View = {
  id: 'learn/simple-prior',
  order: 15,
  text,
  suits: (told) => isStandard(told) && told.latents >= 2,
  isWide: true,
  load: () => import('./SimplePrior.svelte'),
};
