import { text } from './text';
import type { View } from '../views';

export const view: View = {
  id: 'explore/latents',
  order: 20,
  text,
  suits: ({ space }) => space === 'real' || space === 'sphere',
  load: () => import('./Latents.svelte'),
};
