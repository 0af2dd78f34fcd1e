import { expect, test } from 'vitest';
import fixture from '../../fixtures/gaussian.json';
import * as plane from './gaussian2';
import type { Gaussian2, Pair } from './gaussian2';
import { kl2 } from './known';
import { Rng } from './rng';
import { normalCdf } from './special';

const cases = fixture.plane.map((one) => ({ ...one, q: read(one.q), p: read(one.p) }));

function read(g: { mean: number[]; axes: number[]; angle: number }): Gaussian2 {
  return { mean: g.mean as unknown as Pair, axes: g.axes as unknown as Pair, angle: g.angle };
}

test('covariance, density, divergences and entropy are those of scipy and torch', () => {
  for (const one of cases) {
    const [xx, xy, yy] = plane.covariance(one.q);
    expect([xx, xy, xy, yy].map((v, i) => v - one.covariance.flat()[i]!)).toEqual(
      [0, 0, 0, 0].map((v) => expect.closeTo(v, 11)),
    );
    const [l11, l21, l22] = plane.triangle(one.q);
    expect(l11).toBeCloseTo(one.triangle[0]![0]!, 11);
    expect(l21).toBeCloseTo(one.triangle[1]![0]!, 11);
    expect(l22).toBeCloseTo(one.triangle[1]![1]!, 11);
    one.z.forEach(([x, y], i) =>
      expect(plane.logDensity2(one.q, x!, y!)).toBeCloseTo(one.logDensity[i]!, 10),
    );
    expect(kl2(one.q, one.p)).toBeCloseTo(one.kl, 10);
    expect(kl2(one.p, one.q)).toBeCloseTo(one.reverse, 10);
    expect(plane.klToStandard2(one.q)).toBeCloseTo(one.klToStandard, 10);
    expect(kl2(one.q, plane.STANDARD)).toBeCloseTo(one.klToStandard, 10);
    expect(plane.entropy2(one.q)).toBeCloseTo(one.entropy, 10);
  }
});

test('mean, axes and angle come back from covariance and triangle', () => {
  for (const { q } of cases) {
    for (const again of [
      plane.fromCovariance(q.mean, plane.covariance(q)),
      plane.fromTriangle(q.mean, plane.triangle(q)),
    ]) {
      expect(kl2(q, again)).toBeCloseTo(0, 10);
      expect(again.axes[0]).toBeGreaterThanOrEqual(again.axes[1]);
      expect(again.axes[0]).toBeCloseTo(Math.max(...q.axes), 10);
    }
  }
  expect(plane.fromCovariance([0, 0], [4, 0, 4])).toEqual({
    mean: [0, 0],
    axes: [2, 2],
    angle: 0,
  });
  expect(plane.fromDiagonal({ mean: [1, 2], sd: [3, 4] })).toEqual({
    mean: [1, 2],
    axes: [3, 4],
    angle: 0,
  });
});

test('the density integrates to one, and its logarithm to the KL', () => {
  const { q, p } = cases[0]!;
  const [step, reach] = [0.1, 20];
  let [mass, kl] = [0, 0];
  for (let x = -reach; x < reach; x += step) {
    for (let y = -reach; y < reach; y += step) {
      const own = plane.logDensity2(q, x, y);
      mass += Math.exp(own) * step * step;
      kl += Math.exp(own) * (own - plane.logDensity2(p, x, y)) * step * step;
    }
  }
  expect(mass).toBeCloseTo(1, 8);
  expect(kl).toBeCloseTo(kl2(q, p), 7);
});

test('draws have the covariance', () => {
  const { q } = cases[1]!;
  const n = 20000;
  const z = plane.reparameterize2(q, new Rng(3).normals(2 * n));
  const [xx, xy, yy] = plane.covariance(q);
  let [mx, my, sxy] = [0, 0, 0];
  for (let i = 0; i < 2 * n; i += 2) {
    mx += z[i]! / n;
    my += z[i + 1]! / n;
    sxy += ((z[i]! - q.mean[0]) * (z[i + 1]! - q.mean[1])) / n;
  }
  expect(Math.abs(mx - q.mean[0])).toBeLessThan(4 * Math.sqrt(xx / n));
  expect(Math.abs(my - q.mean[1])).toBeLessThan(4 * Math.sqrt(yy / n));
  expect(Math.abs(sxy - xy)).toBeLessThan(4 * Math.sqrt((xx * yy + xy * xy) / n));
});

test('an ellipse is where the density is the same', () => {
  const { q } = cases[2]!;
  const around = plane.ellipse(q, 16, 2);
  for (let i = 0; i < 32; i += 2) {
    expect(Math.hypot(...plane.whiten(q, around[i]!, around[i + 1]!))).toBeCloseTo(2, 11);
  }
});

test('a manifold has equal steps of the prior, its first row on top', () => {
  const z = plane.quantileGrid(5);
  expect([...z.slice(0, 2)].map(normalCdf)).toEqual([
    expect.closeTo(0.1, 12),
    expect.closeTo(0.9, 12),
  ]);
  expect([...z.slice(-2)].map(normalCdf)).toEqual([
    expect.closeTo(0.9, 12),
    expect.closeTo(0.1, 12),
  ]);
  expect([...z.slice(24, 26)]).toEqual([expect.closeTo(0, 12), expect.closeTo(0, 12)]);
  const zoomed = plane.quantileGrid(2, [
    [0.5, 0.7],
    [0.1, 0.3],
  ]);
  expect([...zoomed].map((v) => Math.round(1000 * normalCdf(v)))).toEqual([
    550, 250, 650, 250, 550, 150, 650, 150,
  ]);
});
