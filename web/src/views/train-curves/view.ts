import { text } from './text';
import type { View } from '../views';

export const view: View = {
  id: 'train/curves',
  order: 20,
  text,
  suits: (description) => !description.is_training,
  isWide: true,
  follows: true,
  load: () => import('./TrainCurves.svelte'),
};
