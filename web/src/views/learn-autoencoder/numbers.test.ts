import { expect, it } from 'vitest';
import { cloud, lonely, moved, RADIUS } from './numbers';
import { Plane } from '$math/neighbours';
import { Rng } from '$math/rng';

it('finds of N(0, I) what is known of it', () => {
  const draws = new Float32Array(new Rng(1).normals(40_000));
  const { spread, middle, inside } = cloud(draws);
  expect(spread).toBeCloseTo(1, 1);
  expect(middle).toBeLessThan(0.03);
  expect(inside).toBeCloseTo(0.99, 2);
  expect(RADIUS).toBeCloseTo(3.0349, 4);
});

it('measures by hand what is small', () => {
  const means = new Float32Array([0, 0, 4, 0]);
  expect(cloud(means).spread).toBeCloseTo(Math.sqrt(2));
  expect(cloud(means).middle).toBeCloseTo(2);
  expect(cloud(means).inside).toBe(0.5);
  expect(moved(means, new Float32Array([3, 4, 4, 1]))).toBeCloseTo(3);
});

it('says which draws have no mean near them', () => {
  const rng = new Rng(2);
  const [means, draws] = [new Float32Array(rng.normals(400)), new Float32Array(rng.normals(600))];
  let alone = 0;
  for (let i = 0; i < draws.length; i += 2) {
    let least = Infinity;
    for (let j = 0; j < means.length; j += 2) {
      least = Math.min(least, Math.hypot(draws[i]! - means[j]!, draws[i + 1]! - means[j + 1]!));
    }
    if (least > 0.3) alone++;
  }
  expect(alone).toBeGreaterThan(5);
  expect(lonely(draws, new Plane(means), 0.3)).toBeCloseTo(alone / 300);
});
