/** A damaged image restored: one pass, draws, their average and their spread. */

import { halves, posterior } from '$lib/gaussian';
import type { Model } from '$lib/engine/engine';
import { squaredDistance } from '$math/drawing';
import { reparameterize } from '$math/gaussian';
import { impute } from '$math/inpaint';
import { Rng } from '$math/rng';

export interface Restored {
  /** What the encoder saw, and its mean decoded: (D,) each. */
  readonly seen: Float32Array;
  readonly pass: Float32Array;
  /** The mean of the draws, and their standard deviation, (D,). */
  readonly average: Float32Array;
  readonly spread: Float32Array;
  /** Some of them, (D,) each. */
  readonly samples: readonly Float32Array[];
  /** Squared errors from the clean x: of what was seen, of one draw in the mean, of the average. */
  readonly errors: { readonly seen: number; readonly pass: number; readonly one: number; readonly average: number; readonly spread: number };
  /** Of in-painting: how many draws count, and log p of what is there with its standard error, nats. */
  readonly effective?: number;
  readonly logEvidence?: number;
  readonly error?: number;
}

const SHOWN = 8;
/** Draws of q(z|x~) that are averaged, and those of z that are weighed where pixels are missing. */
export const DRAWS = 64;
export const WEIGHED = 2000;
/** What a look is of before they are weighed, as `impute` has it. */
export const FIRST = WEIGHED / 4;

interface Asked {
  readonly model: Model;
  readonly likelihood: string;
  readonly c: Float32Array | undefined;
  /** The clean x, and what is left of it: (D,), NaN where it is missing. */
  readonly clean: Float32Array;
  readonly damaged: Float32Array;
  /** What the encoder is shown in gaps. */
  readonly paper: number;
}

function parts(rows: Float32Array, size: number): Float32Array[] {
  return Array.from({ length: rows.length / size }, (_, i) => rows.slice(i * size, (i + 1) * size));
}

/** Noise: draws of q(z|x~), decoded. */
export async function denoised({ model, c, clean, damaged }: Asked): Promise<Restored> {
  const q = await posterior(model, damaged, c);
  const z = reparameterize(q, new Rng(0, 3).normals(DRAWS * model.latents));
  const found = await model.shown(Float32Array.from([...Array.from(q.mean), ...z]), c);
  const [pass, ...draws] = parts(found, clean.length);
  const average = new Float32Array(clean.length);
  for (const one of draws) one.forEach((v, d) => (average[d]! += v / DRAWS));
  const square = new Float32Array(clean.length);
  for (const one of draws) one.forEach((v, d) => (square[d]! += (v - average[d]!) ** 2 / DRAWS));
  return told({ clean, seen: damaged, pass: pass!, average, spread: square.map(Math.sqrt), samples: draws.slice(0, SHOWN) });
}

/** Missing pixels: draws of p(z|what is there), decoded where pixels are missing. */
export async function inpainted(asked: Asked): Promise<Restored> {
  const { model, likelihood, c, clean, damaged, paper } = asked;
  const seen = damaged.map((value) => (Number.isNaN(value) ? paper : value));
  const q = await posterior(model, seen, c);
  const [both, x, rng] = [halves(model, likelihood, c), Float64Array.from(damaged), new Rng(0, 4)];
  const found = await impute(both, x, Float64Array.from(seen), WEIGHED, SHOWN, rng);
  const shown = await model.shown(Float32Array.from([...Array.from(q.mean), ...found.z]), c);
  const filled = (one: Float32Array): Float32Array =>
    one.map((value, d) => (Number.isNaN(damaged[d]) ? value : damaged[d]!));
  const [pass, ...samples] = parts(shown, clean.length);
  return {
    ...told({
      clean,
      seen,
      pass: filled(pass!),
      average: Float32Array.from(found.mean),
      spread: Float32Array.from(found.sd),
      samples: samples.map(filled),
    }),
    effective: found.effective,
    logEvidence: found.logEvidence,
    error: found.error,
  };
}

/** The errors: that of one draw is in the mean the error of the average and the spread together. */
function told(found: Omit<Restored, 'errors'> & { clean: Float32Array }): Restored {
  const { clean, ...rest } = found;
  const spread = rest.spread.reduce((sum, sd) => sum + sd * sd, 0);
  const average = squaredDistance(clean, rest.average);
  return {
    ...rest,
    errors: {
      seen: squaredDistance(clean, rest.seen),
      pass: squaredDistance(clean, rest.pass),
      one: average + spread,
      average,
      spread,
    },
  };
}
