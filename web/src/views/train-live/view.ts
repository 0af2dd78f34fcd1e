import { text } from './text';
import type { View } from '../views';

export const view: View = {
  id: 'train/live',
  order: 10,
  text,
  suits: (description) => description.is_training === true,
  isWide: true,
  load: () => import('./TrainLive.svelte'),
};
