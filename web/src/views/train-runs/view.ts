import { text } from './text';
import type { View } from '../views';

export const view: View = {
  id: 'train/runs',
  order: 30,
  text,
  suits: (description) => !description.is_training,
  isWide: true,
  load: () => import('./CompareRuns.svelte'),
};
