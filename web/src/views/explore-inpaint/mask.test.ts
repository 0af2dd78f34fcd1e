import { describe, expect, it } from 'vitest';
import { brushed, maskCodec, preset, PRESETS } from './mask';

const SIZE = { height: 28, width: 28 };

describe('a mask', () => {
  it('comes back from a link, even where nothing is erased', () => {
    const codec = maskCodec(SIZE);
    for (const name of PRESETS) {
      const mask = preset(name, SIZE);
      expect(codec.read(codec.write(mask))).toEqual(mask);
    }
    expect(preset('lower', SIZE).length).toBe(392);
    expect([...preset('lower', SIZE)][0]).toBe(14 * 28);
  });

  it('is erased and given back by a brush', () => {
    const one = brushed(new Uint32Array(0), SIZE, 10.5, 3.5, 0.6, true);
    expect([...one]).toEqual([3 * 28 + 10]);
    const more = brushed(one, SIZE, 20, 20, 3, true);
    expect(more.length).toBeGreaterThan(20);
    expect([...brushed(more, SIZE, 20, 20, 3, false)]).toEqual([...one]);
  });
});
