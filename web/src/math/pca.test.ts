import { expect, test } from 'vitest';
import fixture from '../../fixtures/paths.json';
import { cosine } from './attributes';
import { eigen, lifted, pca } from './pca';
import { Rng } from './rng';

test('axes and variances are those of a singular value decomposition', () => {
  const found = pca(fixture.points.flat(), 5);
  for (const k of [0, 1]) {
    const axis = found.axes.slice(5 * k, 5 * k + 5);
    expect(Math.abs(cosine(axis, fixture.axes[k]!))).toBeCloseTo(1, 12);
    expect(found.variance[k]! / fixture.variance[k]!).toBeCloseTo(1, 12);
    const column = found.projected.filter((_, i) => i % 2 === k);
    const spread = column.reduce((sum, v) => sum + v * v, 0) / 59;
    expect(spread / fixture.variance[k]!).toBeCloseTo(1, 12);
    expect(Math.max(...axis)).toBeGreaterThan(-Math.min(...axis));
  }
  expect(found.total / fixture.totalVariance).toBeCloseTo(1, 12);
});

test('what lies in a plane comes back whole', () => {
  const rng = new Rng(3);
  const [mean, a, b] = [rng.normals(7), rng.normals(7), rng.normals(7)];
  const points = rng.normals(40);
  const rows = lifted(points, mean, Float64Array.of(...a, ...b));
  const found = pca(rows, 7);
  lifted(found.projected, found.mean, found.axes).forEach((v, i) =>
    expect(v).toBeCloseTo(rows[i]!, 10),
  );
  expect(() => pca([1, 2], 2)).toThrow(/1 rows/);
});

test('eigenvectors are what they say', () => {
  const n = 6;
  const noise = new Rng(4).normals(n * n);
  const matrix = noise.map((_, i) => noise[i]! + noise[(i % n) * n + Math.floor(i / n)]!);
  const { values, vectors } = eigen(matrix, n);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += matrix[i * n + j]! * vectors[k * n + j]!;
      expect(sum).toBeCloseTo(values[k]! * vectors[k * n + i]!, 10);
    }
  }
  expect([...values]).toEqual([...values].sort((x, y) => y - x));
});
