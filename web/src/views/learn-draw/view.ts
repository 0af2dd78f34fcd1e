import { text } from './text';
import { canDraw } from '$lib/suits';
import type { View } from '../views';

export const view: View = {
  id: 'learn/draw',
  order: 130,
  text,
  isWide: true,
  suits: canDraw,
  load: () => import('./Draw.svelte'),
};
