import { text } from './text';
import { isGaussian } from '$lib/suits';
import type { View } from '../views';

export const view: View = {
  id: 'learn/sampling',
  order: 20,
  text,
  suits: (told) => isGaussian(told) && told.latents > 0 && told.examples.count > 0,
  isWide: true,
  load: () => import('./Sampling.svelte'),
};
