import { text } from './text';
import { isGaussian } from '$lib/suits';
import type { View } from '../views';

export const view: View = {
  id: 'learn/flow',
  order: 1,
  text,
  suits: (told) => isGaussian(told) && told.latents > 0,
  isWide: true,
  load: () => import('./Flow.svelte'),
};
