import { describe, expect, it } from 'vitest';
import { between, pushed, sector, spread } from './pushed';
import { Rng } from '$math/rng';

describe('the ring', () => {
  it('is Doersch’s g, as latentia.lab has it', () => {
    const g = pushed([3, 4], 'ring');
    expect(g[0]).toBeCloseTo(0.9, 12);
    expect(g[1]).toBeCloseTo(1.2, 12);
    expect(pushed([3, 4], 'misprint')[0]).toBeCloseTo(3 / 15, 12);
  });

  it('is round where the normal is not: the spread of a Rayleigh is sqrt(4/pi - 1)', () => {
    const z = new Rng(1).normals(40_000);
    const rayleigh = Math.sqrt(4 / Math.PI - 1);
    expect(spread(z)).toBeCloseTo(rayleigh, 1);
    // |g| = |z|/10 + 1, of a mean 1 + sqrt(pi/2)/10 and a deviation sqrt(2 - pi/2)/10.
    const wanted = Math.sqrt(2 - Math.PI / 2) / (10 + Math.sqrt(Math.PI / 2));
    expect(Math.abs(spread(pushed(z, 'ring')) - wanted)).toBeLessThan(0.001);
    expect(spread(pushed(z, 'misprint'))).toBeGreaterThan(0.4);
  });

  it('keeps directions', () => {
    const z = new Rng(2).normals(200);
    const half = between(z, pushed(z, 'ring'), 0.5);
    for (let i = 0; i < 200; i += 2) {
      expect(sector(half[i]!, half[i + 1]!, 10)).toBe(sector(z[i]!, z[i + 1]!, 10));
    }
    expect([sector(1, 0.1, 4), sector(-0.1, 1, 4), sector(-1, -0.1, 4), sector(0.1, -1, 4)]).toEqual([0, 1, 2, 3]);
  });
});
