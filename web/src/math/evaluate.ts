/** Evaluating log p(x|z) at many z: in chunks, wherever it is computed, until someone cancels. */

import type { Numbers } from './special';

/**
 * log p(x|z) of one x in nats, for z (rows x L): what a decoder and a likelihood make together. It
 * may answer at once, or later as a worker does. The buffer of z is its own to keep or to give
 * away.
 */
export type LogLikelihood = (z: Float64Array, rows: number) => Numbers | Promise<Numbers>;

/** How a long evaluation is cut up, followed and stopped. */
export interface Work {
  /** Rows that are evaluated at once; 512 where not given. */
  readonly chunk?: number | undefined;
  /** Stops it: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Is told how many rows of how many are done. */
  readonly progress?: ((done: number, total: number) => void) | undefined;
}

/** A page is left to itself at least this often, in milliseconds. */
const BREATH = 12;

/**
 * Return f(z) of every row of z (n x L), (n).
 *
 * @throws RangeError if f answers other than one number for each row; the signal's reason once
 *   it is aborted.
 */
export async function evaluate(
  f: LogLikelihood,
  z: Float64Array,
  dims: number,
  work: Work = {},
): Promise<Float64Array> {
  const { chunk = 512, signal, progress } = work;
  const total = z.length / dims;
  const found = new Float64Array(total);
  let rested = Date.now();
  for (let from = 0; from < total; from += chunk) {
    signal?.throwIfAborted();
    const rows = Math.min(chunk, total - from);
    const answer = f(z.slice(from * dims, (from + rows) * dims), rows);
    const values = 'then' in answer ? await answer : answer;
    if (values.length !== rows) {
      throw new RangeError(`Of ${rows} rows of z, ${values.length} values came back.`);
    }
    found.set(values, from);
    progress?.(from + rows, total);
    if (Date.now() - rested > BREATH && from + rows < total) {
      // So that a click that cancels can be heard.
      await new Promise((resolve) => setTimeout(resolve, 0));
      rested = Date.now();
    }
  }
  signal?.throwIfAborted();
  return found;
}
