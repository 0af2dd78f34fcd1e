import { expect, it } from 'vitest';
import { namesOf } from './runs';

it('calls runs by their folders, and by their paths where these are called alike', () => {
  const named = (...runs: string[]): { description: { name: string; run: string } }[] =>
    runs.map((run) => ({ description: { name: run.split('/').at(-1) ?? '', run } }));
  expect(namesOf(named('a/x', 'b/y'))).toEqual(['x', 'y']);
  expect(namesOf(named('a/x', 'b/x', 'c'))).toEqual(['a/x', 'b/x', 'c']);
  expect(namesOf(named('x', 'x'))).toEqual(['x (1)', 'x (2)']);
});
