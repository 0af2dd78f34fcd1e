import { text } from './text';
import type { View } from '../views';

export const view: View = {
  id: 'explore/neighbours',
  order: 60,
  text,
  suits: ({ space, examples }) => space === 'real' && examples.count > 1,
  load: () => import('./Neighbours.svelte'),
};
