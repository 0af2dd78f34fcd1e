import { expect, it } from 'vitest';
import { Shared } from './shared';

/** Work that ends when it is told to, and what became of it. */
function held() {
  const seen = { stopped: 0, forgotten: 0, free: (_: number) => {} };
  const shared = new Shared<number>(
    (signal) =>
      new Promise((resolve, reject) => {
        seen.free = resolve;
        signal.addEventListener('abort', () => {
          seen.stopped++;
          reject(signal.reason as Error);
        });
      }),
    () => seen.forgotten++,
  );
  return { seen, shared };
}

it('goes on while anybody waits', async () => {
  const { seen, shared } = held();
  const [one, two] = [new AbortController(), new AbortController()];
  const answers = Promise.allSettled([shared.wait(one.signal), shared.wait(two.signal)]);
  one.abort();
  expect([seen.stopped, seen.forgotten]).toEqual([0, 0]);
  seen.free(3);
  const [left, stayed] = await answers;
  expect(left.status).toBe('rejected');
  expect(stayed).toEqual({ status: 'fulfilled', value: 3 });
  two.abort(); // of what is there, nothing is forgotten
  expect([seen.stopped, seen.forgotten]).toEqual([0, 0]);
  expect(await shared.wait()).toBe(3);
});

it('ends with the last who leaves', async () => {
  const { seen, shared } = held();
  const [one, two] = [new AbortController(), new AbortController()];
  const answers = Promise.allSettled([shared.wait(one.signal), shared.wait(two.signal)]);
  one.abort();
  two.abort();
  expect([seen.stopped, seen.forgotten]).toEqual([1, 1]);
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

it('never ends for whoever waits to the end', async () => {
  const { seen, shared } = held();
  const one = new AbortController();
  const answers = Promise.allSettled([shared.wait(one.signal), shared.wait()]);
  one.abort();
  expect(seen.stopped).toBe(0);
  seen.free(5);
  expect((await answers)[1]).toEqual({ status: 'fulfilled', value: 5 });
});

it('says what went wrong, and forgets it', async () => {
  let forgotten = 0;
  const shared = new Shared(() => Promise.reject(new Error('no')), () => forgotten++);
  await expect(shared.wait(new AbortController().signal)).rejects.toThrow('no');
  expect(forgotten).toBe(1);
});
