/** Points on a canvas: drawn as discs into an ImageData, and found again by place. */

export interface Camera {
  /** The middle, in data units. */
  readonly x: number;
  readonly y: number;
  /** Data units from the middle to the nearer edge. */
  readonly half: number;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
}

/** Pixels of a canvas for one of CSS: no more than two, for points need no more. */
export const pixelRatio = (): number => Math.min(2, devicePixelRatio);

/** Pixels for one data unit. */
export const scaleOf = (camera: Camera, { width, height }: Frame): number =>
  Math.min(width, height) / 2 / camera.half;

export function toScreen(camera: Camera, frame: Frame, x: number, y: number): [number, number] {
  const scale = scaleOf(camera, frame);
  return [frame.width / 2 + (x - camera.x) * scale, frame.height / 2 - (y - camera.y) * scale];
}

export function toData(camera: Camera, frame: Frame, x: number, y: number): [number, number] {
  const scale = scaleOf(camera, frame);
  return [camera.x + (x - frame.width / 2) / scale, camera.y - (y - frame.height / 2) / scale];
}

interface Spot {
  readonly size: number;
  /** Opacity of each pixel, 0..1. */
  readonly cover: Float32Array;
}

/** A disc with a soft edge; coverage by the distance to its rim. */
function spot(radius: number, alpha: number): Spot {
  const size = 2 * Math.ceil(radius + 0.5) + 1;
  const middle = (size - 1) / 2;
  const cover = new Float32Array(size * size);
  for (let i = 0; i < cover.length; i++) {
    const away = Math.hypot((i % size) - middle, Math.floor(i / size) - middle);
    cover[i] = alpha * Math.min(1, Math.max(0, radius + 0.5 - away));
  }
  return { size, cover };
}

/**
 * Draw points over what an image holds.
 *
 * @param points  Places (n, 2) in data units.
 * @param colours  Bytes as `packed` makes them, (n,); 0 leaves a point out.
 * @param radius  Of a disc, in pixels of the image.
 */
export function splat(
  image: ImageData,
  points: Float32Array,
  colours: Uint32Array,
  camera: Camera,
  radius: number,
  alpha = 0.85,
): void {
  const { width, height } = image;
  const pixels = image.data;
  const scale = scaleOf(camera, image);
  const { size, cover } = spot(radius, alpha);
  const half = (size - 1) / 2;
  const left = width / 2 - camera.x * scale;
  const top = height / 2 + camera.y * scale;
  for (let i = 0; i < colours.length; i++) {
    const colour = colours[i] as number;
    if (!colour) continue;
    const x0 = Math.round(left + (points[2 * i] as number) * scale) - half;
    const y0 = Math.round(top - (points[2 * i + 1] as number) * scale) - half;
    if (x0 + size < 0 || y0 + size < 0 || x0 >= width || y0 >= height) continue;
    const r = colour & 255;
    const g = (colour >> 8) & 255;
    const b = (colour >> 16) & 255;
    const opacity = (colour >>> 24) / 255;
    for (let dy = Math.max(0, -y0); dy < size && y0 + dy < height; dy++) {
      let at = ((y0 + dy) * width + Math.max(0, x0)) * 4;
      for (let dx = Math.max(0, -x0); dx < size && x0 + dx < width; dx++, at += 4) {
        const a = (cover[dy * size + dx] as number) * opacity;
        if (a === 0) continue;
        const under = (pixels[at + 3] as number) / 255;
        const over = a + under * (1 - a);
        const mix = a / over;
        pixels[at] = (pixels[at] as number) + (r - (pixels[at] as number)) * mix;
        pixels[at + 1] = (pixels[at + 1] as number) + (g - (pixels[at + 1] as number)) * mix;
        pixels[at + 2] = (pixels[at + 2] as number) + (b - (pixels[at + 2] as number)) * mix;
        pixels[at + 3] = over * 255;
      }
    }
  }
}

/** Points by place: the nearest within a distance, and the nearest in a direction. */
export class Places {
  readonly #cells = new Map<number, number[]>();
  readonly #side: number;
  readonly #low: readonly [number, number];
  readonly #wide = 4096;

  constructor(readonly points: Float32Array) {
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < points.length; i += 2) {
      const [x, y] = [points[i] as number, points[i + 1] as number];
      left = Math.min(left, x);
      right = Math.max(right, x);
      low = Math.min(low, y);
      high = Math.max(high, y);
    }
    this.#low = [left, low];
    const area = Math.max(1e-12, (right - left) * (high - low));
    this.#side = Math.max(
      Math.sqrt(area / Math.max(1, points.length / 8)),
      (right - left) / (this.#wide - 2) || 1e-6,
      1e-9,
    );
    for (let i = 0; 2 * i < points.length; i++) {
      const cell = this.#cell(points[2 * i] as number, points[2 * i + 1] as number);
      const known = this.#cells.get(cell);
      if (known) known.push(i);
      else this.#cells.set(cell, [i]);
    }
  }

  /** Return the point nearest to a place, or -1 where none is as near as `within`. */
  nearest(x: number, y: number, within: number): number {
    const reach = Math.ceil(within / this.#side);
    // Many cells for few points: looking at every point is then the quicker.
    if ((2 * reach + 1) ** 2 > this.points.length / 2) return this.#ofAll(x, y, within);
    let [found, best] = [-1, within * within];
    for (let i = -reach; i <= reach; i++) {
      for (let j = -reach; j <= reach; j++) {
        const cell = this.#cell(x + i * this.#side, y + j * this.#side);
        for (const point of this.#cells.get(cell) ?? []) {
          const away = this.#away(point, x, y);
          if (away <= best) [found, best] = [point, away];
        }
      }
    }
    return found;
  }

  /** Return the next point from one in a direction of the screen, or the same where none is. */
  towards(from: number, dx: number, dy: number): number {
    const [x, y] = [this.points[2 * from] as number, this.points[2 * from + 1] as number];
    let [found, best] = [from, Infinity];
    for (let i = 0; 2 * i < this.points.length; i++) {
      if (i === from) continue;
      const [ax, ay] = [(this.points[2 * i] as number) - x, (this.points[2 * i + 1] as number) - y];
      const along = ax * dx + ay * dy;
      const across = Math.abs(ax * dy - ay * dx);
      if (along <= 0 || across > along) continue;
      const cost = along + across;
      if (cost < best) [found, best] = [i, cost];
    }
    return found;
  }

  #ofAll(x: number, y: number, within: number): number {
    let [found, best] = [-1, within * within];
    for (let i = 0; 2 * i < this.points.length; i++) {
      const away = this.#away(i, x, y);
      if (away <= best) [found, best] = [i, away];
    }
    return found;
  }

  #away(point: number, x: number, y: number): number {
    const [dx, dy] = [
      (this.points[2 * point] as number) - x,
      (this.points[2 * point + 1] as number) - y,
    ];
    return dx * dx + dy * dy;
  }

  #cell(x: number, y: number): number {
    const [left, low] = this.#low;
    return (
      Math.floor((x - left) / this.#side) * this.#wide * 8 + Math.floor((y - low) / this.#side)
    );
  }
}
