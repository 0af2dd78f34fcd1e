import { expect, it } from 'vitest';
import { commandOf, namesOf } from './runs';

it('calls runs by their folders, and by their paths where these are called alike', () => {
  const named = (...runs: string[]): { description: { name: string; run: string } }[] =>
    runs.map((run) => ({ description: { name: run.split('/').at(-1) ?? '', run } }));
  expect(namesOf(named('a/x', 'b/y'))).toEqual(['x', 'y']);
  expect(namesOf(named('a/x', 'b/x', 'c'))).toEqual(['a/x', 'b/x', 'c']);
  expect(namesOf(named('x', 'x'))).toEqual(['x (1)', 'x (2)']);
});

it('says by which command a page is opened again', () => {
  const beside = (run: string) => ({ name: run, run, apart: [] });
  expect(commandOf({ run: 'runs/a' })).toBe('latentia explore runs/a');
  expect(commandOf({ run: 'my run', others: [beside('b')] })).toBe("latentia explore 'my run' --with b");
  expect(commandOf({ run: 'a', is_training: true })).toContain('latentia train --resume --out a');
  expect(commandOf({ run: '' })).toBe('');
});
