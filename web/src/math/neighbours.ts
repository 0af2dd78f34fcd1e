/** The rows nearest to a point, and picking on a map of two latents. */

import type { Numbers } from './special';

/** Rows by their numbers, nearest first, and how far each is. */
export interface Near {
  readonly index: Uint32Array;
  readonly distance: Float64Array;
}

/**
 * The k rows nearest to a point by Euclidean distance, equals in their own order.
 *
 * @param rows Points, (n x L).
 * @param point (L).
 * @param k How many; all where there are fewer.
 * @param without A row that is left out: the point itself.
 */
export function nearest(rows: Numbers, point: Numbers, k: number, without = -1): Near {
  const dims = point.length;
  const index: number[] = [];
  const square: number[] = [];
  for (let row = 0; row * dims < rows.length; row++) {
    if (row === without) continue;
    const worst = index.length < k ? Infinity : square[k - 1]!;
    let sum = 0;
    // No more of a row is looked at than shows that it is too far.
    for (let d = 0, at = row * dims; d < dims && sum < worst; d++, at++) {
      sum += (rows[at]! - point[d]!) ** 2;
    }
    if (!(sum < worst)) continue;
    let place = index.length;
    while (place > 0 && square[place - 1]! > sum) place--;
    index.splice(place, 0, row);
    square.splice(place, 0, sum);
    if (index.length > k) {
      index.pop();
      square.pop();
    }
  }
  return { index: Uint32Array.from(index), distance: Float64Array.from(square, Math.sqrt) };
}

/** Points of a plane in square bins, so that the one under a pointer is found at once. */
export class Plane {
  private readonly side: number;
  private readonly low: readonly [number, number];
  private readonly size: number;
  /** Points of bin b are order[start[b]] to order[start[b + 1] - 1]. */
  private readonly start: Uint32Array;
  private readonly order: Uint32Array;

  /** @param points (n x 2), all finite. */
  constructor(private readonly points: Numbers) {
    const n = points.length / 2;
    const low: [number, number] = [Infinity, Infinity];
    const high: [number, number] = [-Infinity, -Infinity];
    for (let i = 0; i < 2 * n; i++) {
      low[i % 2] = Math.min(low[i % 2]!, points[i]!);
      high[i % 2] = Math.max(high[i % 2]!, points[i]!);
    }
    this.side = Math.max(1, Math.ceil(Math.sqrt(n / 2)));
    this.low = low;
    this.size = Math.max(high[0] - low[0], high[1] - low[1], 1e-300) / this.side;
    const bin = Uint32Array.from({ length: n }, (_, i) =>
      this.bin(this.cell(points[2 * i]!, 0), this.cell(points[2 * i + 1]!, 1)),
    );
    this.start = new Uint32Array(this.side * this.side + 1);
    for (const b of bin) this.start[b + 1]! += 1;
    for (let b = 0; b < this.side * this.side; b++) this.start[b + 1]! += this.start[b]!;
    this.order = new Uint32Array(n);
    const next = this.start.slice();
    bin.forEach((b, i) => (this.order[next[b]!++] = i));
  }

  /**
   * The point nearest to (x, y), the first of equals, or -1 where none is within `radius`.
   */
  pick(x: number, y: number, radius = Infinity): number {
    const [column, row] = [this.cell(x, 0), this.cell(y, 1)];
    // The nearest place within the bins: from outside, every point is farther by the way to it.
    const [u, v] = [this.within(x, 0), this.within(y, 1)];
    const away = (x - u) ** 2 + (y - v) ** 2;
    let [best, square] = [-1, radius * radius];
    for (let ring = 0; ring < 2 * this.side; ring++) {
      // Whatever is in this ring of bins is at least so far from there.
      const least = this.outside(u, v, column, row, ring);
      if (away + least * least > square) break;
      for (const b of this.ring(column, row, ring)) {
        for (let at = this.start[b]!; at < this.start[b + 1]!; at++) {
          const i = this.order[at]!;
          const far = (this.points[2 * i]! - x) ** 2 + (this.points[2 * i + 1]! - y) ** 2;
          if (far < square || (far === square && (best < 0 || i < best))) {
            [best, square] = [i, far];
          }
        }
      }
    }
    return best;
  }

  private cell(value: number, axis: 0 | 1): number {
    const at = Math.floor((value - this.low[axis]) / this.size);
    return Math.min(Math.max(at, 0), this.side - 1);
  }

  private within(value: number, axis: 0 | 1): number {
    return Math.min(Math.max(value, this.low[axis]), this.low[axis] + this.size * this.side);
  }

  private bin(column: number, row: number): number {
    return row * this.side + column;
  }

  /** How far a point outside the block of rings below `ring` is from (x, y) at least. */
  private outside(x: number, y: number, column: number, row: number, ring: number): number {
    if (ring === 0) return 0;
    const reach = (ring - 1) * this.size;
    const left = x - (this.low[0] + column * this.size) + reach;
    const down = y - (this.low[1] + row * this.size) + reach;
    const right = 2 * reach + this.size - left;
    const up = 2 * reach + this.size - down;
    return Math.max(0, Math.min(left, right, down, up));
  }

  private *ring(column: number, row: number, ring: number): Generator<number> {
    for (let r = row - ring; r <= row + ring; r++) {
      if (r < 0 || r >= this.side) continue;
      const whole = Math.abs(r - row) === ring;
      for (let c = column - ring; c <= column + ring; c += whole || ring === 0 ? 1 : 2 * ring) {
        if (c >= 0 && c < this.side) yield this.bin(c, r);
      }
    }
  }
}
