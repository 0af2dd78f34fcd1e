/** Which pixels are erased, as runs, for a link. */

/** Pixels (H x W), 1 where erased, of the lengths of runs: first of those that are kept. */
export function fromRuns(runs: readonly number[], size: number): Uint8Array {
  const mask = new Uint8Array(size);
  let at = 0;
  runs.forEach((length, i) => {
    if (i % 2) mask.fill(1, at, at + Math.max(0, length));
    at += Math.max(0, length);
  });
  return mask;
}

/** The lengths of runs; none of a mask that erases nothing. */
export function toRuns(mask: Uint8Array): number[] {
  const runs: number[] = [];
  let [value, length] = [0, 0];
  for (const pixel of mask) {
    if (pixel !== value) {
      runs.push(length);
      [value, length] = [pixel, 0];
    }
    length++;
  }
  // What is kept at the end needs no number.
  return value ? [...runs, length] : runs;
}
