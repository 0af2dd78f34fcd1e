import { describe, expect, it } from 'vitest';
import { maskCodec, preset, PRESETS } from './mask';

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
});
