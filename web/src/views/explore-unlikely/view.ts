import { text } from './text';
import type { View } from '../views';

export const view: View = {
  id: 'explore/unlikely',
  order: 50,
  text,
  suits: ({ examples }) => examples.count > 1,
  load: () => import('./Unlikely.svelte'),
};
