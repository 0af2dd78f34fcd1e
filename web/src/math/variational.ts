/** A Gaussian q(z|x) of either kind, as what the ELBO asks of it. */

import * as diagonal from './gaussian';
import type { Diagonal } from './gaussian';
import * as plane from './gaussian2';
import type { Gaussian2 } from './gaussian2';
import type { Numbers } from './special';

/** Independent latents, any number of them; or two by mean, axes and angle. */
export type Gaussian = Diagonal | Gaussian2;

/** What of q(z|x) the ELBO and importance sampling need, in nats. */
export interface Variational {
  readonly dims: number;
  /** log q(z) of row `row` of z (n x L). */
  logDensity(z: Numbers, row: number): number;
  /** KL(q || N(0, I)). */
  readonly kl: number;
  /** -E_q[log q]. */
  readonly entropy: number;
  /** z of noise eps of N(0, I), (K x L) each. */
  place(eps: Numbers): Float64Array;
}

/** Return q with its functions. */
export function variational(q: Gaussian): Variational {
  if ('axes' in q) {
    return {
      dims: 2,
      logDensity: (z, row) => plane.logDensity2(q, z[2 * row]!, z[2 * row + 1]!),
      kl: plane.klToStandard2(q),
      entropy: plane.entropy2(q),
      place: (eps) => plane.reparameterize2(q, eps),
    };
  }
  return {
    dims: q.mean.length,
    logDensity: (z, row) => diagonal.logDensity(q, z, row),
    kl: diagonal.klToStandard(q),
    entropy: diagonal.entropy(q),
    place: (eps) => diagonal.reparameterize(q, eps),
  };
}
