import { text } from './text';
import type { View } from '../views';

export const view: View = {
  id: 'explore/compare',
  order: 90,
  text,
  isWide: true,
  load: () => import('./Compare.svelte'),
};
