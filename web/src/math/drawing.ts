/** A drawn digit as MNIST would have it, and what moving and cutting do to an image's pixels. */

import type { Numbers } from './special';

/** Grey values row by row from the top, (height x width), 0 paper and 1 ink. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly pixels: Float64Array;
}

/** An image of zeros. */
export function blank(width: number, height = width): Image {
  return { width, height, pixels: new Float64Array(width * height) };
}

/** How far (x, y) is from the line between two points. */
function distance(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  const t = square ? Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / square, 0), 1) : 0;
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

/**
 * Strokes of a round pen as an image: a pixel's ink is how far the pen's edge reaches over its
 * centre, min(max(pen/2 + 1/2 - distance, 0), 1). A point alone is a dot.
 *
 * @param strokes Each a row x, y, x, y, ... in pixels; the first pixel's centre is at (1/2, 1/2).
 * @param side Pixels along a side.
 * @param pen The width of the pen in pixels.
 */
export function drawn(strokes: readonly Numbers[], side: number, pen: number): Image {
  const image = blank(side);
  const reach = pen / 2 + 0.5;
  for (const stroke of strokes) {
    for (let i = 0; i + 1 < stroke.length; i += 2) {
      if (i + 3 >= stroke.length && i > 0) break;
      const j = i + 3 < stroke.length ? i + 2 : i;
      const [ax, ay, bx, by] = [stroke[i]!, stroke[i + 1]!, stroke[j]!, stroke[j + 1]!];
      const first = (a: number, b: number): number =>
        Math.max(0, Math.floor(Math.min(a, b) - reach - 1));
      const last = (a: number, b: number): number =>
        Math.min(side - 1, Math.ceil(Math.max(a, b) + reach));
      for (let row = first(ay, by); row <= last(ay, by); row++) {
        for (let column = first(ax, bx); column <= last(ax, bx); column++) {
          const ink = reach - distance(column + 0.5, row + 0.5, ax, ay, bx, by);
          const at = row * side + column;
          image.pixels[at] = Math.max(image.pixels[at]!, Math.min(ink, 1));
        }
      }
    }
  }
  return image;
}

/**
 * The box around the ink: left, top, right and bottom, the last two exclusive; null of paper
 * alone.
 */
export function inkBox(image: Image): readonly [number, number, number, number] | null {
  let [left, top, right, bottom] = [image.width, image.height, 0, 0];
  image.pixels.forEach((ink, at) => {
    if (!(ink > 0)) return;
    const [row, column] = [Math.floor(at / image.width), at % image.width];
    left = Math.min(left, column);
    right = Math.max(right, column + 1);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row + 1);
  });
  return right > left ? [left, top, right, bottom] : null;
}

/** The share of every source cell in one of `count` equal parts of [from, to]: sums to one. */
function overlaps(from: number, to: number, count: number, part: number): [number, number][] {
  const size = (to - from) / count;
  const [low, high] = [from + part * size, from + (part + 1) * size];
  const found: [number, number][] = [];
  for (let cell = Math.floor(low); cell < high; cell++) {
    const share = (Math.min(cell + 1, high) - Math.max(cell, low)) / size;
    if (share > 1e-12) found.push([cell, share]);
  }
  return found;
}

/** A part of an image at another size, each new pixel the mean of the area that it covers. */
export function resampled(
  image: Image,
  [left, top, right, bottom]: readonly [number, number, number, number],
  width: number,
  height: number,
): Image {
  const made = blank(width, height);
  const across = Array.from({ length: width }, (_, i) => overlaps(left, right, width, i));
  for (let row = 0; row < height; row++) {
    const down = overlaps(top, bottom, height, row);
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (const [y, v] of down) {
        for (const [x, u] of across[column]!) sum += u * v * image.pixels[y * image.width + x]!;
      }
      made.pixels[row * width + column] = sum;
    }
  }
  return made;
}

/** Where the ink balances, [x, y], counted in pixels from the centre of the first one. */
export function centreOfMass(image: Image): [number, number] {
  let [x, y, total] = [0, 0, 0];
  image.pixels.forEach((ink, at) => {
    x += ink * (at % image.width);
    y += ink * Math.floor(at / image.width);
    total += ink;
  });
  return [x / total, y / total];
}

// MNIST: the longer side of the ink is 20 pixels, and it balances within half a pixel of pixel 14.
const [SIDE, BOX, MIDDLE] = [28, 20, 14];

/**
 * Normalise a drawing as MNIST was (LeCun et al., 1998): the ink cut out, scaled with its
 * proportions so that the longer side is 20 pixels, its darkest pixel black, and moved by whole
 * pixels so that the centre of mass is in the middle of 28 x 28. A digit of MNIST stays as it is.
 *
 * @returns 28 x 28; blank for a blank drawing.
 */
export function asMnist(image: Image): Image {
  const made = blank(SIDE);
  const box = inkBox(image);
  if (!box) return made;
  const [width, height] = [box[2] - box[0], box[3] - box[1]];
  const scale = BOX / Math.max(width, height);
  const sized = (length: number): number => Math.max(1, Math.round(length * scale));
  const small = resampled(image, box, sized(width), sized(height));
  const darkest = small.pixels.reduce((most, ink) => Math.max(most, ink), 0);
  const [x, y] = centreOfMass(small);
  const [right, down] = [Math.round(MIDDLE - x), Math.round(MIDDLE - y)];
  small.pixels.forEach((ink, at) => {
    const column = right + (at % small.width);
    const row = down + Math.floor(at / small.width);
    if (column < 0 || column >= SIDE || row < 0 || row >= SIDE) return;
    made.pixels[row * SIDE + column] = ink / darkest;
  });
  return made;
}

/** The value of an image between pixel centres, linear, 0 outside. */
function between(image: Image, x: number, y: number): number {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [x - column, y - row];
  const at = (i: number, j: number): number =>
    i < 0 || j < 0 || i >= image.width || j >= image.height
      ? 0
      : image.pixels[j * image.width + i]!;
  return (
    (1 - v) * ((1 - u) * at(column, row) + u * at(column + 1, row)) +
    v * ((1 - u) * at(column, row + 1) + u * at(column + 1, row + 1))
  );
}

function mapped(image: Image, value: (column: number, row: number) => number): Image {
  const pixels = image.pixels.map((_, at) =>
    value(at % image.width, Math.floor(at / image.width)),
  );
  return { ...image, pixels };
}

/**
 * An image moved by so many pixels to the right and down, by linear interpolation, 0 moving in.
 */
export function shifted(image: Image, right: number, down: number): Image {
  return mapped(image, (column, row) => between(image, column - right, row - down));
}

/** An image enlarged about its middle by a factor, by linear interpolation. */
export function scaled(image: Image, factor: number): Image {
  const [x, y] = [(image.width - 1) / 2, (image.height - 1) / 2];
  return mapped(image, (column, row) =>
    between(image, x + (column - x) / factor, y + (row - y) / factor),
  );
}

/** Ink for paper and paper for ink, 1 - x. */
export function inverted(image: Image): Image {
  return { ...image, pixels: image.pixels.map((ink) => 1 - ink) };
}

/**
 * An image without a share of its ink: a disk about a stroke's end, the ink (above 1/2) that is
 * farthest from the centre of mass.
 */
export function cut(image: Image, share: number): Image {
  const [x, y] = centreOfMass(image);
  let [end, farthest] = [0, -1];
  const place = (at: number): [number, number] => [at % image.width, Math.floor(at / image.width)];
  image.pixels.forEach((ink, at) => {
    const [column, row] = place(at);
    const away = Math.hypot(row - y, column - x) * (ink > 0.5 ? 1 : 0);
    if (away > farthest) [end, farthest] = [at, away];
  });
  const [endColumn, endRow] = place(end);
  const far = image.pixels.map((_, at) => {
    const [column, row] = place(at);
    return Math.hypot(row - endRow, column - endColumn);
  });
  const order = Array.from(far, (_, at) => at).sort((a, b) => far[a]! - far[b]! || a - b);
  const wanted = share * image.pixels.reduce((sum, ink) => sum + ink, 0);
  let [ink, radius] = [0, 0];
  for (const at of order) {
    ink += image.pixels[at]!;
    radius = far[at]!;
    if (ink >= wanted) break;
  }
  return { ...image, pixels: image.pixels.map((value, at) => (far[at]! <= radius ? 0 : value)) };
}

/** |x - y|^2, what a Gaussian decoder counts: log N(x; y, s^2 I) falls by it over 2 s^2. */
export function squaredDistance(x: Numbers, y: Numbers): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! - y[i]!) ** 2;
  return sum;
}

/**
 * The shifted digit (Doersch, 2016, figure 3): which of two candidates is nearer to x in pixels.
 */
export interface Candidates {
  readonly bad: Image;
  readonly good: Image;
  /** Squared distances from x. */
  readonly toBad: number;
  readonly toGood: number;
}

/** x with a piece missing, and x shifted to the right and down: both squared distances. */
export function shiftedDigit(image: Image, by = 0.5, piece = 0.1): Candidates {
  const [bad, good] = [cut(image, piece), shifted(image, by, by)];
  return {
    bad,
    good,
    toBad: squaredDistance(image.pixels, bad.pixels),
    toGood: squaredDistance(image.pixels, good.pixels),
  };
}
