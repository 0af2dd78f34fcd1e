/** What lies inside a line drawn around it. */

import type { Numbers } from './special';

/** Whether (x, y) is inside a polygon (n x 2), closed by itself, by the even-odd rule. */
export function inside(polygon: Numbers, x: number, y: number): boolean {
  const n = polygon.length / 2;
  let odd = false;
  for (let i = 0, j = n - 1; i < n; j = i++) {
    const [xi, yi] = [polygon[2 * i]!, polygon[2 * i + 1]!];
    const [xj, yj] = [polygon[2 * j]!, polygon[2 * j + 1]!];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
  }
  return odd;
}

/** The numbers of the points (n x 2) that are inside a polygon, rising. */
export function lasso(polygon: Numbers, points: Numbers): Uint32Array {
  const bounds = [Infinity, -Infinity, Infinity, -Infinity] as [number, number, number, number];
  for (let i = 0; i < polygon.length; i += 2) {
    bounds[0] = Math.min(bounds[0], polygon[i]!);
    bounds[1] = Math.max(bounds[1], polygon[i]!);
    bounds[2] = Math.min(bounds[2], polygon[i + 1]!);
    bounds[3] = Math.max(bounds[3], polygon[i + 1]!);
  }
  const found: number[] = [];
  for (let i = 0; 2 * i < points.length; i++) {
    const [x, y] = [points[2 * i]!, points[2 * i + 1]!];
    if (x < bounds[0] || x > bounds[1] || y < bounds[2] || y > bounds[3]) continue;
    if (inside(polygon, x, y)) found.push(i);
  }
  return Uint32Array.from(found);
}

/** How a new selection joins the old one. */
export type Join = 'replace' | 'add' | 'subtract' | 'intersect';

/** Join two selections, each of rising numbers without repetition. */
export function joined(old: Uint32Array, fresh: Uint32Array, how: Join): Uint32Array {
  if (how === 'replace') return fresh.slice();
  const marked = new Set(fresh);
  if (how === 'subtract') return old.filter((i) => !marked.has(i));
  if (how === 'intersect') return old.filter((i) => marked.has(i));
  return Uint32Array.from([...new Set([...old, ...fresh])].sort((a, b) => a - b));
}
