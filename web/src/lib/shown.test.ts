import { describe, expect, it } from 'vitest';
import { Shown } from './shown.svelte';
import type { Source } from './source/source';

const MIB = 2 ** 20;

/** A run of which every array has so many bytes, and nothing is in it; what was asked, and given up. */
class Fake implements Source {
  readonly isServed = true;
  constructor(
    readonly size: number,
    readonly place = '',
    readonly asked: string[] = [],
    readonly left: string[] = [],
    readonly held: Promise<void> = Promise.resolve(),
  ) {}
  under(folder: string): Fake {
    return new Fake(this.size, this.place + folder, this.asked, this.left, this.held);
  }
  async bytes(path: string, signal?: AbortSignal): Promise<ArrayBuffer> {
    this.asked.push(this.place + path);
    const said: Record<string, unknown> = {
      description: { sheets: null, picture: null, snapshots: [1, 2, 3, 4, 5], epoch: null },
      arrays: ['mean', 'elbo'].map((name) => ({ name, dtype: 'float32', shape: [1], unit: '' })),
    };
    if (this.place) {
      await new Promise<void>((resolve, reject) => {
        void this.held.then(resolve);
        signal?.addEventListener('abort', () => {
          this.left.push(this.place + path);
          reject(signal.reason as Error);
        });
      });
    }
    const found = said[path];
    if (!found) return new ArrayBuffer(this.size);
    return new TextEncoder().encode(JSON.stringify(found)).buffer as ArrayBuffer;
  }
  examples(): Promise<Float32Array> {
    return Promise.resolve(new Float32Array());
  }
}

describe('epochs', () => {
  it('are kept by what they weigh', async () => {
    const run = await Shown.of(new Fake(30 * MIB));
    for (const epoch of [1, 2, 3, 4, 5]) await run.at(epoch).array('mean');
    expect(run.kept).toEqual([2, 3, 4, 5]); // four of them are 120 MiB
    await run.at(2).array('elbo');
    expect(run.kept).toEqual([4, 5, 2]);
    const small = await Shown.of(new Fake(4));
    for (const epoch of [1, 2, 3, 4, 5]) await small.at(epoch).array('mean');
    expect(small.kept).toEqual([1, 2, 3, 4, 5]);
  });

  it('are two at least, whatever they weigh', async () => {
    const run = await Shown.of(new Fake(100 * MIB));
    for (const epoch of [1, 2, 3]) {
      await Promise.all([run.at(epoch).array('mean'), run.at(epoch).array('elbo')]);
    }
    expect(run.kept).toEqual([2, 3]);
    expect(run.at(2)).toBe(run.at(2));
  });

  it('are given up where nobody waits for them, and asked for again', async () => {
    let free = (): void => {};
    const held = new Promise<void>((resolve) => (free = resolve));
    const source = new Fake(4, '', [], [], held);
    const shown = (await Shown.of(source)).at(1);
    const [passed, other] = [new AbortController(), new AbortController()];
    const first = shown.array('mean', passed.signal);
    const second = shown.array('elbo', other.signal);
    passed.abort();
    await expect(first).rejects.toThrow();
    expect(source.left).toEqual([]); // the other waits for the list of arrays
    other.abort();
    await expect(second).rejects.toThrow();
    expect(source.left).toEqual(['at/1/arrays']);
    free();
    expect((await shown.array('mean'))?.data).toHaveLength(1);
    expect(source.asked.filter((path) => path === 'at/1/arrays')).toHaveLength(2);
  });

  it('let go of one that is passed over, whatever else is still opened', async () => {
    class Opening extends Fake {
      override bytes(path: string, signal?: AbortSignal): Promise<ArrayBuffer> {
        return path === 'graphs' ? new Promise(() => undefined) : super.bytes(path, signal);
      }
    }
    const run = await Shown.of(new Opening(8));
    const passed = new AbortController();
    const ready = run.ready(passed.signal);
    passed.abort();
    await expect(ready).rejects.toThrow('aborted');
  });
});
