/** The open model as the mathematics takes it: a Gaussian q(z|x), p(z) = N(0, I), and p(x|z). */

import type { Model, RunOptions } from '$lib/engine/engine';
import type { Tensors } from '$lib/engine/protocol';
import { drawnElbo } from '$math/elbo';
import type { LogLikelihood } from '$math/evaluate';
import type { Diagonal } from '$math/gaussian';
import type { Halves } from '$math/inpaint';
import { family, logLikelihood, type Parameters } from '$math/likelihood';
import { Rng } from '$math/rng';
import type { Numbers } from '$math/special';

/** What a decoder answers, as the likelihoods take it. */
export function parametersOf(tensors: Tensors): Parameters {
  return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
}

/** q(z|x) of one x (D), or of rows of them. */
export async function posterior(
  model: Model,
  x: Float32Array,
  c?: Float32Array,
  options: RunOptions = { urgent: true },
): Promise<Diagonal> {
  const { loc, scale } = await model.encode(x, c, options);
  if (!loc || !scale) throw new Error('this encoder answers no Gaussian');
  return { mean: Float64Array.from(loc.data), sd: Float64Array.from(scale.data) };
}

/** log p(x|z) of one x (D), NaN where it is missing. */
export function explaining(
  model: Model,
  name: string,
  x: Numbers,
  c?: Float32Array,
  signal?: AbortSignal,
): LogLikelihood {
  const outputs = family(name).needs;
  return async (z, rows) => {
    const found = await model.decode(Float32Array.from(z), c, { outputs, ...(signal && { signal }) });
    return logLikelihood(name, parametersOf(found), x, rows);
  };
}

/** Draws of z that the ELBO of one x is the mean over, wherever the page says it with a ±. */
export const DRAWS = 200;

/** The ELBO of one x with its standard error, the same wherever it is asked for. */
export const elboOf = (
  model: Model,
  name: string,
  x: Numbers,
  q: Diagonal,
  c: Float32Array | undefined,
  signal: AbortSignal,
): ReturnType<typeof drawnElbo> => drawnElbo(explaining(model, name, x, c, signal), q, DRAWS, new Rng(0, 7), { signal });

/** Both halves, for what encodes and decodes in turns. */
export function halves(model: Model, likelihood: string, c?: Float32Array, signal?: AbortSignal): Halves {
  const outputs = family(likelihood).needs;
  const options = signal ? { signal } : {};
  return {
    dims: model.latents,
    likelihood,
    encode: (x) => posterior(model, Float32Array.from(x), c, options),
    decode: async (z) => parametersOf(await model.decode(Float32Array.from(z), c, { ...options, outputs })),
  };
}
