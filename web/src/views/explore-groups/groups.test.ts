import { expect, it } from 'vitest';
import { sums } from './ask';

it('sums the latents of each group, of the row that begins where it is said', () => {
  expect([...sums([1, 2, 4, 8, 16, 32], [1, 2])]).toEqual([1, 6]);
  expect([...sums([1, 2, 4, 8, 16, 32], [1, 2], 3)]).toEqual([8, 48]);
});
