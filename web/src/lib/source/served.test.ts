import { afterEach, expect, it, vi } from 'vitest';
import { asked } from './served';

afterEach(() => vi.unstubAllGlobals());

it('says that nobody answers, and of what was let go no more than that', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  await expect(asked('page-data/arrays')).rejects.toThrow('does not answer');
  const stop = new AbortController();
  stop.abort();
  await expect(asked('page-data/arrays', { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
});
