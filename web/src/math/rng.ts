/** A seeded source of randomness, handed over explicitly wherever something is drawn. */

import { logGamma, normalQuantile } from './special';

/** Return the next of a sequence of well-mixed 32-bit words and its state (splitmix32). */
function mixer(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let word = state;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return (word ^ (word >>> 16)) >>> 0;
  };
}

/**
 * sfc32 (Doty-Humphrey's small fast counter, 128 bits of state, period at least 2^32), seeded by a
 * number and the number of a stream. The same two numbers give the same draws on every machine.
 */
export class Rng {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;

  /**
   * @param seed Any integer; those that are equal modulo 2^32 are the same.
   * @param stream Which of the seed's streams, so that one purpose does not disturb another.
   */
  constructor(
    readonly seed: number,
    readonly stream = 0,
  ) {
    const first = mixer(seed);
    const second = mixer(stream ^ 0x5bf03635);
    this.a = (first() ^ second()) | 0;
    this.b = (first() ^ second()) | 0;
    this.c = (first() ^ second()) | 0;
    this.counter = 1;
    for (let i = 0; i < 12; i++) this.word();
  }

  /** 32 random bits, as an integer from 0 to 2^32 - 1. */
  word(): number {
    const found = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + found) | 0;
    return found >>> 0;
  }

  /** A number between 0 and 1, neither of them: the middle of one of 2^52 equal parts. */
  uniform(): number {
    const high = this.word() >>> 6;
    const low = this.word() >>> 6;
    return (high * 67108864 + low + 0.5) / 4503599627370496;
  }

  /** A draw of N(0, 1), Phi^-1(u): one uniform each, so draws keep their place in the stream. */
  normal(): number {
    return normalQuantile(this.uniform());
  }

  /** An integer from 0 to n - 1, each with probability 1/n; n at most 2^32. */
  integer(n: number): number {
    const whole = 4294967296 - (4294967296 % n);
    for (;;) {
      const word = this.word();
      if (word < whole) return word % n;
    }
  }

  /** n draws of `uniform`. */
  uniforms(n: number): Float64Array {
    return Float64Array.from({ length: n }, () => this.uniform());
  }

  /** n draws of `normal`. */
  normals(n: number): Float64Array {
    return Float64Array.from({ length: n }, () => this.normal());
  }

  /** The numbers 0 to n - 1 in random order (Fisher and Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = order[i]!;
      order[i] = order[j]!;
      order[j] = kept;
    }
    return order;
  }

  /** An index i with probability exp(l_i) / sum_j exp(l_j), by Gumbel's largest. */
  categorical(logits: ArrayLike<number>, from = 0, to = logits.length): number {
    let best = from;
    let highest = -Infinity;
    for (let i = from; i < to; i++) {
      const value = logits[i]! - Math.log(-Math.log(this.uniform()));
      if (value > highest) {
        highest = value;
        best = i;
      }
    }
    return best - from;
  }

  /** A draw of the gamma distribution of shape k and scale 1 (Marsaglia and Tsang, 2000). */
  gamma(k: number): number {
    if (k < 1) return this.gamma(k + 1) * Math.pow(this.uniform(), 1 / k);
    const d = k - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const z = this.normal();
      const v = Math.pow(1 + c * z, 3);
      if (v > 0 && Math.log(this.uniform()) < 0.5 * z * z + d - d * v + d * Math.log(v)) {
        return d * v;
      }
    }
  }

  /**
   * A Poisson count of mean r: by its distribution function, or Hoermann's PTRS (1993) from 30.
   */
  poisson(r: number): number {
    if (r < 30) {
      let left = this.uniform();
      let p = Math.exp(-r);
      let k = 0;
      while (left > p && k < 1000) {
        left -= p;
        k += 1;
        p *= r / k;
      }
      return k;
    }
    const b = 0.931 + 2.53 * Math.sqrt(r);
    const a = -0.059 + 0.02483 * b;
    const inverse = 1.1239 + 1.1328 / (b - 3.4);
    const inside = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
      const u = this.uniform() - 0.5;
      const v = this.uniform();
      const us = 0.5 - Math.abs(u);
      const k = Math.floor(((2 * a) / us + b) * u + r + 0.43);
      if (us >= 0.07 && v <= inside) return k;
      if (k < 0 || (us < 0.013 && v > us)) continue;
      const left = Math.log((v * inverse) / (a / (us * us) + b));
      if (left <= k * Math.log(r) - r - logGamma(k + 1)) return k;
    }
  }
}
