import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Passing, PATIENCE } from './passing';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('gives a question up some while after another was asked', () => {
  const passing = new Passing<number | null>();
  const first = passing.next(null);
  vi.advanceTimersByTime(10 * PATIENCE);
  expect(first?.aborted).toBe(false);
  expect(passing.next(null)).toBeUndefined();
  const second = passing.next(2);
  vi.advanceTimersByTime(PATIENCE - 1);
  expect(first?.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect([first?.aborted, second?.aborted]).toEqual([true, false]);
});

it('gives none up that was asked again', () => {
  const passing = new Passing<number>();
  const first = passing.next(1);
  const second = passing.next(2);
  passing.next(1);
  vi.advanceTimersByTime(PATIENCE);
  expect([first?.aborted, second?.aborted]).toEqual([false, true]);
});

it('gives both up where one was asked twice', () => {
  const passing = new Passing<number>();
  const asked = [1, 2, 1].map((question) => passing.next(question));
  vi.advanceTimersByTime(PATIENCE);
  asked.push(passing.next(3));
  vi.advanceTimersByTime(PATIENCE);
  expect(asked.map((signal) => signal?.aborted)).toEqual([true, true, true, false]);
});

it('waits for each as long as for any', () => {
  const passing = new Passing<number>();
  const first = passing.next(1);
  passing.next(2);
  vi.advanceTimersByTime(PATIENCE / 2);
  const third = passing.next(3);
  vi.advanceTimersByTime(PATIENCE / 4);
  passing.next(4);
  vi.advanceTimersByTime(PATIENCE / 4);
  expect([first?.aborted, third?.aborted]).toEqual([true, false]);
});

it('gives all up where nobody waits any more, and begins anew', () => {
  const passing = new Passing<number>();
  const asked = [1, 2].map((question) => passing.next(question));
  passing.end();
  expect(asked.map((signal) => signal?.aborted)).toEqual([true, true]);
  const again = passing.next(2);
  vi.advanceTimersByTime(10 * PATIENCE);
  expect(again?.aborted).toBe(false);
});
