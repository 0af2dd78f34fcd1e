/**
 * Damage to images, as models are trained to undo it. Every value has its own draw of the stream.
 */

import type { Rng } from './rng';
import type { Numbers } from './special';

function share(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) {
    throw new RangeError(`${name} is a probability between 0 and 1, not ${value}.`);
  }
}

/** x + sd eps, eps of N(0, 1); not clipped, as in Python. */
export function gaussianNoise(x: Numbers, sd: number, rng: Rng): Float64Array {
  if (!(sd >= 0 && sd < Infinity))
    throw new RangeError(`sd is a number of at least 0, not ${sd}.`);
  return Float64Array.from(x, (value) => value + sd * rng.normal());
}

/** Each value turns 1 (salt) or 0 (pepper) with probability `rate`; `salt` of these turn 1. */
export function saltAndPepper(x: Numbers, rate: number, rng: Rng, salt = 0.5): Float64Array {
  share('rate', rate);
  share('salt', salt);
  return Float64Array.from(x, (value) => {
    const u = rng.uniform();
    return u < rate * (1 - salt) ? 0 : u >= 1 - rate * salt ? 1 : value;
  });
}

/** Each value is 0 with probability `rate` (Vincent et al., 2008). */
export function masking(x: Numbers, rate: number, rng: Rng): Float64Array {
  share('rate', rate);
  return Float64Array.from(x, (value) => (rng.uniform() < rate ? 0 : value));
}

/** x without the values that a mask marks: NaN there, which every likelihood leaves out. */
export function erased(x: Numbers, mask: Numbers): Float64Array {
  return Float64Array.from(x, (value, i) => (mask[i] ? NaN : value));
}
