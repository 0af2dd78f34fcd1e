import { text } from './text';
import type { View } from '../views';

export const view: View = {
  id: 'explore/conditions',
  order: 25,
  text,
  suits: ({ conditions }) => conditions.length > 0,
  load: () => import('./Conditions.svelte'),
};
