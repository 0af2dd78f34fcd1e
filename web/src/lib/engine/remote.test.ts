import { afterEach, expect, it, vi } from 'vitest';
import { read, Remote } from './remote';

/** An answer as Python writes it: `shown` is z times two, in rows of two numbers. */
function answer(z: Float32Array): ArrayBuffer {
  let line = JSON.stringify([{ name: 'shown', dims: [z.length / 2, 2] }]);
  line += ' '.repeat((4 - (line.length % 4)) % 4);
  const bytes = new ArrayBuffer(4 + line.length + 4 * z.length);
  new DataView(bytes).setUint32(0, line.length, true);
  new Uint8Array(bytes).set(new TextEncoder().encode(line), 4);
  new Float32Array(bytes, 4 + line.length).set(z.map((value) => 2 * value));
  return bytes;
}

const asked: { path: string; first: number }[] = [];
vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
  const z = new Float32Array(await (init.body as Blob).arrayBuffer());
  asked.push({ path, first: z[0] ?? NaN });
  init.signal?.throwIfAborted();
  return new Response(answer(z));
});
afterEach(() => void asked.splice(0));

const rows = (n: number, from = 0): Float32Array => Float32Array.from({ length: 2 * n }, (_, i) => from + i);

it('asks for many rows in parts, and joins them', async () => {
  const z = rows(150);
  const { shown } = await new Remote().run('model/decoder', { z: { data: z, dims: [150, 2] } });
  expect(shown?.dims).toEqual([150, 2]);
  expect([...(shown?.data ?? [])]).toEqual([...z].map((value) => 2 * value));
  expect(asked.map(({ path }) => path)).toEqual(
    [64, 64, 22].map((n) => `page-data/half/decoder?rows=${n}`),
  );
});

it('answers what is urgent between two parts', async () => {
  const remote = new Remote();
  const slow = remote.run('model/decoder', { z: { data: rows(130), dims: [130, 2] } });
  const quick = remote.run('model/decoder', { z: { data: rows(1, 900), dims: [1, 2] } }, { urgent: true });
  await quick;
  expect(asked.map(({ first }) => first)).toEqual([0, 900]);
  expect((await slow).shown?.dims).toEqual([130, 2]);
});

it('sends the conditions behind the rows, and drops what is no longer wanted', async () => {
  const remote = new Remote();
  const inputs = { z: { data: rows(1), dims: [1, 2] }, c: { data: rows(1, 5), dims: [1, 2] } };
  const { shown } = await remote.run('model/decoder', inputs, { outputs: ['shown'] });
  expect([...(shown?.data ?? [])]).toEqual([0, 2, 10, 12]);
  await expect(remote.run('model/decoder', inputs, { signal: AbortSignal.abort() })).rejects.toThrow();
  await expect(remote.run('model/decoder', inputs)).resolves.toBeDefined();
});

it('reads names and shapes', () => {
  expect(read(answer(rows(1, 1)))).toEqual({
    shown: { data: Float32Array.of(2, 4), dims: [1, 2] },
  });
});

it('asks for the model of its place', async () => {
  await new Remote('with/0/at/3/').run('model/encoder', { x: { data: rows(1), dims: [1, 2] } });
  expect(asked.map(({ path }) => path)).toEqual(['page-data/with/0/at/3/half/encoder?rows=1']);
});
