import { text } from './text';
import type { View } from '../views';

export const view: View = {
  id: 'explore/groups',
  order: 75,
  text,
  suits: ({ groups, picture, examples }) =>
    groups.length > 0 && picture !== null && examples.count > 0,
  isWide: true,
  load: () => import('./Groups.svelte'),
};
