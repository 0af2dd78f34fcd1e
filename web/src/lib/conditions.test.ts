import { expect, it } from 'vitest';
import { along, formula, formulas, rowOf, said, usualOf, valuesOf } from './conditions';

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

it('says c in the formulas of a model that has it, and of no other', () => {
  const told = 'log p(x) = E[log p(x|z) + log p(z) − log q(z|x)] + KL(q(z|x) ‖ p(z|x)), E[x|z], μ(x), exp(x)';
  expect(formula(told, [])).toBe(told);
  expect(formula(told, [site])).toBe(
    'log p(x|c) = E[log p(x|z, c) + log p(z) − log q(z|x, c)] + KL(q(z|x, c) ‖ p(z|x, c)), E[x|z, c], μ(x, c), exp(x)',
  );
  const words = { all: 'log p(x)', many: ['q(z|x)'], of: (n: string) => `${n} of p(x|z)` };
  expect(formulas(words, [])).toBe(words);
  const { all, many, of } = formulas(words, [age]);
  expect([all, ...many, of('3')]).toEqual(['log p(x|c)', 'q(z|x, c)', '3 of p(x|z, c)']);
});
