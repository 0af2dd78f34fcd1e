/** Where few examples are in sight they are drawn as pictures: which, how large, and with room about them. */

import { scaleOf, type Camera, type Frame } from '$components/scatter';

/** Pictures at most, and the side of a square that each needs, px. */
const [MOST, SIDE] = [600, 28];
/** The line about a picture that is no ink, in the colour of its point, px. */
export const LINE = 2;

const roomIn = ({ width, height }: Frame): number => Math.min(MOST, (width * height) / SIDE ** 2);

/** The longer side of a picture, of so many, px. */
export const sideOf = (count: number, { width, height }: Frame): number =>
  Math.min(64, Math.max(26, Math.sqrt((0.45 * width * height) / Math.max(1, count))));

/** The points (n, 2) in sight; none where they are too many to be drawn as pictures. */
export function inSight(points: Float32Array, camera: Camera, frame: Frame): readonly number[] {
  const { width, height } = frame;
  if (!width || !height) return [];
  const scale = scaleOf(camera, frame);
  const [reachX, reachY] = [(width / 2 + SIDE) / scale, (height / 2 + SIDE) / scale];
  const found: number[] = [];
  for (let i = 0; 2 * i < points.length; i++) {
    const [dx, dy] = [(points[2 * i] as number) - camera.x, (points[2 * i + 1] as number) - camera.y];
    if (Math.abs(dx) > reachX || Math.abs(dy) > reachY) continue;
    found.push(i);
    if (found.length > roomIn(frame)) return [];
  }
  return found;
}

/**
 * Half of what is to be seen, data units, so that no picture of so many is cut by the edge.
 *
 * @param reach  How far the points lie from the middle, across or up.
 */
export function halfOfPictures(reach: number, count: number, frame: Frame): number {
  const edge = Math.min(frame.width, frame.height) / 2;
  const inner = edge - sideOf(count, frame) / 2 - LINE;
  return count > roomIn(frame) || inner <= 0 ? 0 : (reach * edge) / inner;
}
