import { describe, expect, it } from 'vitest';
import { exactly, selecting } from './python';

describe('what numpy is told', () => {
  it('selects rows by slices, by runs, by bits, and one by one where they do not rise', () => {
    expect(selecting([60000, 60001, 60002])).toBe('slice(60000, 60003)');
    expect(selecting([3, 4, 5, 9])).toBe('np.r_[3:6, 9]');
    const odd = Array.from({ length: 64 }, (_, i) => 2 * i + 1);
    expect(selecting(odd)).toContain(`1 + np.flatnonzero(np.unpackbits(np.frombuffer(bytes.fromhex("${'aa'.repeat(16)}")`);
    // Of a part at the end no bits are said of what lies before it, and few rows are said one by one.
    expect(selecting(odd.map((row) => 60000 + row))).toContain(`60001 + np.flatnonzero(np.unpackbits(np.frombuffer(bytes.fromhex("${'aa'.repeat(16)}")`);
    const few = odd.map((row) => 100 * row);
    expect(selecting(few)).toBe(`[${few.join(', ')}]`);
    const falling = [...odd].reverse();
    expect(selecting(falling)).toBe(`[${falling.join(', ')}]`);
    expect(selecting([])).toBe('slice(0, 0)');
  });

  it('writes bits as bits, and other numbers as the float32 they are', () => {
    expect(exactly(Float32Array.of(1, 0, 0, 0, 0, 0, 0, 1, 1))).toContain('"8180"), np.uint8))[:9]');
    expect(exactly(Float32Array.of(0.5, -2))).toContain('"0000003f000000c0"), "<f4")');
  });
});
