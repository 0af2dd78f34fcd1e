import { describe, expect, it } from 'vitest';
import { axes, components, lift, project, reachOf } from './projection';
import { cosine } from '$math/attributes';
import { Rng } from '$math/rng';
import fixture from '../../fixtures/paths.json';

/** Points whose variances along three known directions are 9, 4 and 0.25. */
function cloud(n: number): { points: number[]; first: number[]; second: number[] } {
  const [first, second, third] = [
    [0.6, 0.8, 0],
    [-0.8, 0.6, 0],
    [0, 0, 1],
  ];
  const draws = new Rng(1).normals(3 * n);
  const points = [];
  for (let i = 0; i < n; i++) {
    const [a, b, c] = [3 * draws[3 * i]!, 2 * draws[3 * i + 1]!, 0.5 * draws[3 * i + 2]!];
    for (let d = 0; d < 3; d++) points.push(1 + a * first![d]! + b * second![d]! + c * third![d]!);
  }
  return { points, first: first!, second: second! };
}

describe('projections', () => {
  it('finds the directions in which points differ the most', () => {
    const { points, first, second } = cloud(4000);
    const { across, up, origin } = components(points, 3);
    const along = (a: ArrayLike<number>, b: number[]): number =>
      Math.abs(b.reduce((sum, value, d) => sum + value * a[d]!, 0));
    expect(along(across, first)).toBeGreaterThan(0.998);
    expect(along(up, second)).toBeGreaterThan(0.998);
    expect(Math.abs(across.reduce((sum, value, d) => sum + value * up[d]!, 0))).toBeLessThan(1e-9);
    for (const value of origin) expect(value).toBeCloseTo(1, 0);
  });

  it('has the axes of a singular value decomposition, each with its largest number positive', () => {
    const points = fixture.points.flat();
    const plane = components(points, 5);
    const places = project(points, plane);
    [plane.across, plane.up].forEach((axis, k) => {
      expect(Math.abs(cosine(axis, fixture.axes[k]!))).toBeCloseTo(1, 12);
      expect(Math.max(...axis)).toBeGreaterThan(-Math.min(...axis));
      const spread = places.reduce((sum, v, i) => sum + (i % 2 === k ? v * v : 0), 0) / 59;
      expect(spread / fixture.variance[k]!).toBeCloseTo(1, 6);
    });
  });

  it('has the variance of each direction', () => {
    const { points } = cloud(4000);
    const found = project(points, components(points, 3));
    let [x, y] = [0, 0];
    for (let i = 0; i < found.length; i += 2) {
      x += found[i]! ** 2 / 4000;
      y += found[i + 1]! ** 2 / 4000;
    }
    expect(x / 9).toBeCloseTo(1, 1);
    expect(y / 4).toBeCloseTo(1, 1);
  });

  it('lifts a place of the plane to a z that lies there, and leaves the rest', () => {
    const plane = axes(0, 2, 3);
    const z = lift([1, 7, 3], plane, -2, 0.5);
    expect([...z]).toEqual([-2, 7, 0.5]);
    const { points } = cloud(500);
    const other = components(points, 3);
    const [x, y] = project(lift([1, 7, 3], other, 0.25, -0.75), other);
    expect(x).toBeCloseTo(0.25, 5);
    expect(y).toBeCloseTo(-0.75, 5);
  });
});

describe('the first look at a map', () => {
  const spread = Array.from({ length: 200 }, (_, i) => [(3 * i) / 200, -((2 * i) / 200)]);
  it('holds all points, also the few that are the furthest', () => {
    expect(reachOf(Float32Array.from([...spread, [4.5, 0], [0, -5]].flat()))).toBe(5);
    expect(reachOf(new Float32Array(0))).toBe(0);
    expect(reachOf(Float32Array.from([1, -2]))).toBe(2);
  });
  it('leaves out what lies far from all others', () => {
    expect(reachOf(Float32Array.from([...spread, [40, 0]].flat()))).toBeCloseTo(2.985, 5);
  });
});
