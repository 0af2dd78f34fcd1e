import { text } from './text';
import type { View } from '../views';

export const view: View = {
  id: 'explore/map',
  order: 10,
  text,
  follows: true,
  load: () => import('./Map.svelte'),
};
