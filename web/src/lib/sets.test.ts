import { describe, expect, it } from 'vitest';
import { Rng } from '$math/rng';
import { packedRows, unpackedRows } from './sets.svelte';

describe('rows as text', () => {
  it('come back as they were', () => {
    const rng = new Rng(3);
    for (const share of [0.001, 0.2, 0.5, 0.97]) {
      const rows = Uint32Array.from(
        Array.from({ length: 5000 }, (_, i) => i).filter(() => rng.uniform() < share),
      );
      expect(unpackedRows(packedRows(rows), 5000)).toEqual(rows);
    }
    const far = Uint32Array.from([0, 31, 32, 33, 1023, 1024, 99_999]);
    expect(unpackedRows(packedRows(far), 100_000)).toEqual(far);
  });

  it('are short where they are runs, and end where the examples do', () => {
    const all = Uint32Array.from({ length: 100_000 }, (_, i) => i);
    expect(packedRows(all).length).toBeLessThan(8);
    expect(unpackedRows(packedRows(all), 10)).toEqual(all.slice(0, 10));
  });

  it('are nothing of a text that says none', () => {
    for (const text of ['!', 'A', 'Ag', 'ggggggggg']) expect(unpackedRows(text, 9)).toBeUndefined();
    expect(unpackedRows('', 9)).toEqual(new Uint32Array(0));
  });
});
