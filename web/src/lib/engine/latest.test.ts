import { expect, it } from 'vitest';
import { Latest } from './latest';

it('asks one at a time, and of many the newest', async () => {
  const asked: number[] = [];
  const told: number[] = [];
  let free: () => void = () => {};
  const latest = new Latest<number, number>(
    (question) => {
      asked.push(question);
      return new Promise((resolve) => (free = () => resolve(10 * question)));
    },
    (answer) => told.push(answer),
  );
  for (const question of [1, 2, 3, 4]) latest.ask(question);
  expect(asked).toEqual([1]);
  free();
  await new Promise((resolve) => setTimeout(resolve));
  expect(asked).toEqual([1, 4]);
  free();
  await new Promise((resolve) => setTimeout(resolve));
  expect(told).toEqual([10, 40]);
  expect(latest.times.length).toBe(2);
});

it('goes on after a question that failed', async () => {
  const failed: string[] = [];
  const told: number[] = [];
  const latest = new Latest<number, number>(
    (question) => (question ? Promise.resolve(question) : Promise.reject(new Error('zero'))),
    (answer) => told.push(answer),
    ({ message }) => failed.push(message),
  );
  latest.ask(0);
  latest.ask(1);
  await new Promise((resolve) => setTimeout(resolve));
  expect([failed, told]).toEqual([['zero'], [1]]);
});
