import { text } from './text';
import type { View } from '../views';

export const view: View = {
  id: 'learn/collapse',
  order: 120,
  text,
  isWide: true,
  suits: ({ is_likelihood, prior, numbers }) =>
    is_likelihood &&
    prior.is_proper &&
    Object.values(numbers).every(({ kl }) => kl !== null && kl !== undefined),
  load: () => import('./Collapse.svelte'),
};
