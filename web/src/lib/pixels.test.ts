import { describe, expect, it } from 'vitest';
import { pixelsOf } from './pixels';

const codec = pixelsOf(() => ({ size: 784, span: [-1, 1] }));
/** A disc of ink, whose edge is grey or not. */
const disc = (edge: number): Float32Array =>
  Float32Array.from({ length: 784 }, (_, i) => {
    const far = Math.hypot((i % 28) - 13.5, Math.floor(i / 28) - 13.5);
    const ink = Math.min(1, Math.max(0, (8 - far) / edge));
    return 2 * (edge < 1 ? Math.round(ink) : ink) - 1;
  });

describe('a picture in the address', () => {
  it('is read as it was written, to the 8 bits that it has', () => {
    for (const x of [disc(0.1), disc(3), disc(20), new Float32Array(784).fill(1)]) {
      const text = codec.write(x);
      const read = codec.read(text)!;
      expect(Math.max(...read.map((value, i) => Math.abs(value - x[i]!)))).toBeLessThan(1 / 254);
      expect(codec.write(read)).toBe(text);
      expect(encodeURIComponent(text)).toBe(text);
      expect(text.length).toBeLessThan(700);
    }
    expect(codec.write(disc(0.1)).length).toBe(132);
  });

  it('is none where it is of another size, cut or nonsense', () => {
    const text = codec.write(disc(3));
    const small = pixelsOf(() => ({ size: 64, span: [0, 1] }));
    expect(small.read(text)).toBeUndefined();
    expect(pixelsOf(() => undefined).read(text)).toBeUndefined();
    for (const broken of ['', 'b', 'b!', text.slice(0, -4), `x${text}`, 'gAAAAA']) {
      expect(codec.read(broken)).toBeUndefined();
    }
  });
});
