/** Two numbers of L: two latents, or the two directions in which means differ the most. */

export interface Projection {
  /** Two directions in z, orthonormal, (L,) each. */
  readonly across: Float64Array;
  readonly up: Float64Array;
  /** The point that lies at (0, 0). */
  readonly origin: Float64Array;
}

/** Return the plane of two latents through a point z (or the origin). */
export function axes(i: number, j: number, latents: number): Projection {
  const unit = (d: number): Float64Array =>
    Float64Array.from({ length: latents }, (_, k) => (k === d ? 1 : 0));
  return { across: unit(i), up: unit(j), origin: new Float64Array(latents) };
}

/** Return the plane of a whole latent space: its two latents, or the components of its means (n, L). */
export function planeOf(means: ArrayLike<number> | undefined, latents: number): Projection {
  if (latents === 1) return { ...axes(0, 0, 1), up: new Float64Array(1) };
  if (latents === 2 || !means?.length) return axes(0, 1, latents);
  return components(means, latents);
}

/** Return the plane of the first two principal components of points (n, L). */
export function components(points: ArrayLike<number>, latents: number): Projection {
  const n = points.length / latents;
  const origin = new Float64Array(latents);
  for (let i = 0; i < points.length; i++) {
    origin[i % latents] = (origin[i % latents] as number) + (points[i] as number) / n;
  }
  const covariance = new Float64Array(latents * latents);
  const row = new Float64Array(latents);
  for (let i = 0; i < n; i++) {
    for (let d = 0; d < latents; d++) row[d] = (points[i * latents + d] as number) - (origin[d] as number);
    for (let a = 0; a < latents; a++) {
      const value = row[a] as number;
      for (let b = a; b < latents; b++) {
        covariance[a * latents + b] = (covariance[a * latents + b] as number) + value * (row[b] as number);
      }
    }
  }
  for (let a = 0; a < latents; a++) {
    for (let b = 0; b < a; b++) covariance[a * latents + b] = covariance[b * latents + a] as number;
  }
  const across = leading(covariance, latents);
  const up = leading(covariance, latents, across);
  return { across, up, origin };
}

/** Return the places (n, 2) of points (n, L) on a plane. */
export function project(points: ArrayLike<number>, { across, up, origin }: Projection): Float32Array {
  const latents = across.length;
  const n = points.length / latents;
  const found = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    let [x, y] = [0, 0];
    for (let d = 0; d < latents; d++) {
      const value = (points[i * latents + d] as number) - (origin[d] as number);
      x += value * (across[d] as number);
      y += value * (up[d] as number);
    }
    found[2 * i] = x;
    found[2 * i + 1] = y;
  }
  return found;
}

/**
 * Return half of the square about (0, 0) that holds points (n, 2): all of them, but for those that lie
 * more than twice as far off as 99 of 100 do.
 */
export function reachOf(points: Float32Array): number {
  const away = Float32Array.from({ length: points.length / 2 }, (_, i) =>
    Math.max(Math.abs(points[2 * i] as number), Math.abs(points[2 * i + 1] as number)),
  ).sort();
  const far = 2 * (away[Math.floor(0.99 * (away.length - 1))] ?? 0);
  return away.findLast((one) => one <= far) ?? 0;
}

/** Return z moved within the plane to where it lies at (x, y); what is off the plane stays. */
export function lift(
  z: ArrayLike<number>,
  { across, up, origin }: Projection,
  x: number,
  y: number,
): Float32Array {
  const [now] = [project(z, { across, up, origin })];
  const [dx, dy] = [x - (now[0] as number), y - (now[1] as number)];
  return Float32Array.from(
    { length: across.length },
    (_, d) => (z[d] as number) + dx * (across[d] as number) + dy * (up[d] as number),
  );
}

/** The first eigenvector by iteration, orthogonal to another where one is given. */
function leading(matrix: Float64Array, size: number, to?: Float64Array): Float64Array {
  let vector = Float64Array.from({ length: size }, (_, d) => 1 + ((d * 7919) % 13) / 13);
  for (let step = 0; step < 500; step++) {
    if (to) orthogonalize(vector, to);
    const next = new Float64Array(size);
    for (let a = 0; a < size; a++) {
      let sum = 0;
      for (let b = 0; b < size; b++) sum += (matrix[a * size + b] as number) * (vector[b] as number);
      next[a] = sum;
    }
    if (to) orthogonalize(next, to);
    const length = Math.hypot(...next);
    if (length < 1e-12) break;
    let away = 0;
    for (let d = 0; d < size; d++) {
      next[d] = (next[d] as number) / length;
      away = Math.max(away, Math.abs((next[d] as number) - (vector[d] as number)));
    }
    vector = next;
    if (away < 1e-9) break;
  }
  // A sign is a convention: the largest entry is positive, so that a link shows the same map.
  const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? vector.map((value) => -value) : vector;
}

function orthogonalize(vector: Float64Array, to: Float64Array): void {
  let along = 0;
  for (let d = 0; d < vector.length; d++) along += (vector[d] as number) * (to[d] as number);
  for (let d = 0; d < vector.length; d++) vector[d] = (vector[d] as number) - along * (to[d] as number);
}
