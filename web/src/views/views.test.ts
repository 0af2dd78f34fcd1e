import { expect, it } from 'vitest';
import { views } from './views';

it('have each a name of its own, by which its entries of the address are known', () => {
  const names = views.map(({ id }) => id.split('/').at(-1));
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});
