import { text } from './text';
import type { View } from '../views';

export const view: View = {
  id: 'explore/paths',
  order: 30,
  text,
  suits: ({ space }) => space === 'real' || space === 'sphere',
  load: () => import('./Paths.svelte'),
};
