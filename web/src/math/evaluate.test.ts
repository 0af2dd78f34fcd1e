import { expect, test } from 'vitest';
import { evaluate } from './evaluate';

const z = Float64Array.from({ length: 20 }, (_, i) => i);
const sums = (part: Float64Array, rows: number) =>
  Float64Array.from({ length: rows }, (_, k) => part[2 * k]! + part[2 * k + 1]!);

test('chunks make no difference, nor whether the answer comes at once', async () => {
  const whole = await evaluate(sums, z, 2);
  expect([...whole]).toEqual([1, 5, 9, 13, 17, 21, 25, 29, 33, 37]);
  const done: number[] = [];
  const later = async (part: Float64Array, rows: number) => sums(part, rows);
  const parts = await evaluate(later, z, 2, { chunk: 3, progress: (n) => done.push(n) });
  expect(parts).toEqual(whole);
  expect(done).toEqual([3, 6, 9, 10]);
});

test('it stops when it is told to', async () => {
  const stop = new AbortController();
  let calls = 0;
  const slow = (part: Float64Array, rows: number) => {
    calls += 1;
    for (const until = Date.now() + 15; Date.now() < until;);
    return sums(part, rows);
  };
  // A timer is only heard because long work pauses by itself.
  setTimeout(() => stop.abort(), 1);
  const work = evaluate(slow, z, 2, { chunk: 1, signal: stop.signal });
  await expect(work).rejects.toThrow(/abort/i);
  expect(calls).toBeLessThan(10);
});

test('an answer of another length is refused', async () => {
  await expect(evaluate(() => [1], z, 2)).rejects.toThrow(/Of 10 rows of z, 1 values/);
});
