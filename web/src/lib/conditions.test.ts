import { expect, it } from 'vitest';
import { along, rowOf, said, usualOf, valuesOf } from './conditions';

const site = { name: 'site', classes: ['north', 'east', 'south'], mean: 0, std: 1 };
const age = { name: 'age', classes: [], mean: 50, std: 10 };

it('goes to the numbers of the graphs and back', () => {
  const row = rowOf([site, age], [2, 65]);
  expect([...row]).toEqual([0, 0, 1, 1.5]);
  expect(valuesOf([site, age], row)).toEqual([2, 65]);
  expect(valuesOf([site, age], [NaN, NaN, NaN, NaN])).toEqual(usualOf([site, age]));
});

it('says them, and goes along each', () => {
  expect(said([site, age], [1, 43.21])).toBe('site east, age 43.2');
  expect(along(site)).toEqual([0, 1, 2]);
  expect(along(age, 3)).toEqual([30, 50, 70]);
});
