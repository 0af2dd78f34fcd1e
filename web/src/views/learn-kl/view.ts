import { text } from './text';
import { isStandard } from '$lib/suits';
import type { View } from '../views';

export const view: View = {
  id: 'learn/kl',
  order: 80,
  text,
  suits: isStandard,
  load: () => import('./Kl.svelte'),
};
