import { expect, it } from 'vitest';
import { josa } from './josa';

it('takes the form that follows a Korean word', () => {
  expect(josa('사전분포', '을/를')).toBe('사전분포를');
  expect(josa('집합', '은/는')).toBe('집합은');
  expect(josa('서울', '으로/로')).toBe('서울로');
  expect(josa('집', '으로/로')).toBe('집으로');
  expect(josa('사전분포(셋)', '과/와')).toBe('사전분포(셋)와');
});

it('reads numbers: 0 1 3 6 7 8 end in a consonant, 1 7 8 in rieul', () => {
  const said = Array.from({ length: 10 }, (_, k) => josa(String(k), '이/가').slice(1)).join('');
  expect(said).toBe('이이가이가가이이이가');
  const ways = Array.from({ length: 10 }, (_, k) => josa(`0.${k}`, '으로/로').slice(3));
  expect(ways.map((way) => way.length)).toEqual([2, 1, 1, 2, 1, 1, 2, 1, 1, 1]);
  expect(josa('1,000', '을/를')).toBe('1,000을');
  expect(josa('예시 12', '을/를')).toBe('예시 12를');
  expect(josa('z3', '과/와')).toBe('z3과');
  expect(josa('12%', '이/가')).toBe('12%가');
});

it('spells letters and acronyms, and leaves a foreign word both ways', () => {
  expect(josa('A', '으로/로')).toBe('A로');
  expect(josa('KL', '은/는')).toBe('KL은');
  expect(josa('VAE', '은/는')).toBe('VAE는');
  expect(josa('ε', '을/를')).toBe('ε을');
  expect(josa('μ', '을/를')).toBe('μ를');
  expect(josa('Sneaker', '이/가')).toBe('Sneaker이(가)');
  expect(josa('Sneaker', '으로/로')).toBe('Sneaker(으)로');
  expect(josa('', '이/가')).toBe('이(가)');
});
