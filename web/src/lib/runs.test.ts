import { expect, it } from 'vitest';
import { commandOf, lastOf, namesOf } from './runs';

it('calls runs by their folders, and by the folders around them where these are called alike', () => {
  const named = (...runs: string[]): { description: { name: string; run: string } }[] =>
    runs.map((run) => ({ description: { name: run.split('/').at(-1) ?? '', run } }));
  expect(namesOf(named('a/x', 'b/y'))).toEqual(['x', 'y']);
  expect(namesOf(named('a/x', 'b/x', 'c'))).toEqual(['a/x', 'b/x', 'c']);
  expect(namesOf(named('/home/me/a/x', '/home/me/b/x', '/home/you/b/x'))).toEqual(['a/x', 'me/b/x', 'you/b/x']);
  expect(namesOf(named('x', 'x'))).toEqual(['x (1)', 'x (2)']);
  expect(namesOf(named('/a/x', '/a/x', '/b/x'))).toEqual(['x (1)', 'x (2)', 'b/x']);
});

it('says of a path its last part', () => {
  expect(['mnist', '/data/rows.csv', 'C:\\data\\rows.csv', '/data/photos/'].map(lastOf)).toEqual(['mnist', 'rows.csv', 'rows.csv', 'photos']);
});

it('says by which command a page is opened again', () => {
  const command = "latentia explore '/my runs/a' --with /b --data c.csv";
  expect(commandOf({ run: '/my runs/a', command }, '8001')).toBe(command);
  expect(commandOf({ run: '/my runs/a', command }, '8121')).toBe(`${command} --port 8121`);
  expect(commandOf({ run: 'a', command, is_training: true }, '9')).toBe('latentia train --resume --out a --watch --port 9');
  expect(commandOf({ run: '', command: '' }, '8121')).toBe('');
});
