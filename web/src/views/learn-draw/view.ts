import { text } from './text';
import { isDigit, isGaussian } from '$lib/suits';
import type { View } from '../views';

export const view: View = {
  id: 'learn/draw',
  order: 130,
  text,
  isWide: true,
  suits: (told) => isDigit(told) && isGaussian(told),
  load: () => import('./Draw.svelte'),
};
