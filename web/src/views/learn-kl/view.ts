import { text } from './text';
import type { View } from '../views';

export const view: View = {
  id: 'learn/kl',
  order: 80,
  text,
  load: () => import('./Kl.svelte'),
};
