import { describe, expect, it } from 'vitest';
import { Places, splat, toData, toScreen } from './scatter';
import { Rng } from '$math/rng';
import { packed } from '$lib/colour';

const points = Float32Array.from(new Rng(3).normals(4000));

describe('places', () => {
  it('finds the nearest point, as looking at all would', () => {
    const places = new Places(points);
    const rng = new Rng(4);
    for (let i = 0; i < 200; i++) {
      const [x, y, within] = [6 * rng.uniform() - 3, 6 * rng.uniform() - 3, 0.05 + rng.uniform() * 0.3];
      let [best, away] = [-1, within];
      for (let k = 0; k < 2000; k++) {
        const far = Math.hypot(points[2 * k]! - x, points[2 * k + 1]! - y);
        if (far <= away) [best, away] = [k, far];
      }
      expect(places.nearest(x, y, within)).toBe(best);
    }
  });

  it('moves in the direction that was asked for, and stays at the edge', () => {
    const places = new Places(Float32Array.from([0, 0, 1, 0.1, 2, 0, 0, 3]));
    expect(places.towards(0, 1, 0)).toBe(1);
    expect(places.towards(1, 1, 0)).toBe(2);
    expect(places.towards(2, 1, 0)).toBe(2);
    expect(places.towards(0, 0, 1)).toBe(3);
  });
});

describe('the canvas', () => {
  const camera = { x: 1, y: -2, half: 3 };
  const frame = { width: 300, height: 200 };

  it('goes from the screen to data and back', () => {
    const [x, y] = toData(camera, frame, ...toScreen(camera, frame, 0.3, -1.7));
    expect(x).toBeCloseTo(0.3, 9);
    expect(y).toBeCloseTo(-1.7, 9);
    expect(toScreen(camera, frame, 1, -2)).toEqual([150, 100]);
    expect(toScreen(camera, frame, 1, 1)[1]).toBeCloseTo(0, 9);
  });

  it('draws a point where it lies, in its colour, and nothing else', () => {
    const image = {
      width: 60,
      height: 40,
      data: new Uint8ClampedArray(60 * 40 * 4),
    } as unknown as ImageData;
    splat(image, Float32Array.from([1, -2]), Uint32Array.of(packed([200, 100, 50])), camera, 2, 1);
    const at = (20 * 60 + 30) * 4;
    expect([...image.data.slice(at, at + 4)]).toEqual([200, 100, 50, 255]);
    const drawn = image.data.filter((_, i) => i % 4 === 3).filter(Boolean).length;
    expect(drawn).toBeGreaterThan(9);
    expect(drawn).toBeLessThan(40);
  });

  it('leaves out what has no colour', () => {
    const image = { width: 9, height: 9, data: new Uint8ClampedArray(324) } as unknown as ImageData;
    splat(image, Float32Array.from([1, -2]), Uint32Array.of(0), camera, 2);
    expect(image.data.every((value) => value === 0)).toBe(true);
  });
});
