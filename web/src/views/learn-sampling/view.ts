import { text } from './text';
import { hasX, isGaussian } from '$lib/suits';
import type { View } from '../views';

export const view: View = {
  id: 'learn/sampling',
  order: 20,
  text,
  suits: (told) => isGaussian(told) && told.latents > 0 && hasX(told),
  isWide: true,
  load: () => import('./OfOne.svelte'),
};
