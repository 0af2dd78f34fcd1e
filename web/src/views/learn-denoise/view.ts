import { text } from './text';
import { isGaussian } from '$lib/suits';
import type { View } from '../views';

export const view: View = {
  id: 'learn/denoise',
  order: 110,
  text,
  isWide: true,
  suits: (told) => isGaussian(told) && told.picture !== null && told.x.kind !== 'real',
  load: () => import('./Denoise.svelte'),
};
