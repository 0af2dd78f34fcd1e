import { beforeEach, expect, it, vi } from 'vitest';
import { Latest } from './engine/latest';
import type { Source } from './source/source';
import { telling, trouble } from './trouble.svelte';

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const source: Source = {
  place: '',
  isServed: true,
  under: () => source,
  bytes: (path) => (path === 'gone' ? Promise.reject(new Error('it is gone')) : Promise.resolve(new ArrayBuffer(4))),
  examples: () => Promise.reject(new Error('no examples')),
};

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  trouble.clear();
});

it('is told of what a source could not give, and of no more', async () => {
  const told = telling(source);
  await told.bytes('here');
  expect(trouble.error).toBeUndefined();
  await expect(told.under('at/1/').bytes('gone')).rejects.toThrow('it is gone');
  expect(trouble.error?.message).toBe('it is gone');
  const { tries } = trouble;
  trouble.again();
  expect([trouble.error, trouble.tries]).toEqual([undefined, tries + 1]);
  await expect(told.examples([0])).rejects.toThrow('no examples');
  expect(trouble.error?.message).toBe('no examples');
});

it('is told of a question that failed where nobody else is, and of nothing that was let go', async () => {
  const asked = new Latest<Error, number>((error) => Promise.reject(error), () => undefined);
  asked.ask(new DOMException('let go', 'AbortError'));
  await later();
  expect(trouble.error).toBeUndefined();
  asked.ask(new Error('no answer'));
  await later();
  expect(trouble.error?.message).toBe('no answer');
});
