/**
 * What beta does to a linear decoder of fixed variance, whose solution is known: along an
 * eigenvector of the data's covariance KL = max(0, log(lambda / (beta s^2))) / 2. So the KL that was
 * reached with one beta says what that with another would be.
 */

/** A latent of fewer nats than this says nothing. */
export const IDLE = 0.01;

/** The beta at which a latent of so many nats (reached with beta `at`) is given up. */
export const givenUp = (kl: number, at: number): number => at * Math.exp(2 * kl);

/** Its nats with another beta; one that was given up stays so, for nothing says where it ends. */
export function klWith(kl: number, at: number, beta: number): number {
  return kl < IDLE ? 0 : Math.max(0, kl - 0.5 * Math.log(beta / at));
}

/** A model in the plane, nats. */
export interface Model {
  readonly rate: number;
  readonly distortion: number;
}

/**
 * The whole model with another beta: a latent that loses a nat of rate at beta b costs b nats of
 * distortion, so each that is in use adds (beta - `at`) / 2 until it is given up.
 */
export function modelWith(model: Model, kl: readonly number[], at: number, beta: number): Model {
  let { rate, distortion } = model;
  for (const one of kl) {
    if (one < IDLE) continue;
    rate += klWith(one, at, beta) - one;
    distortion += 0.5 * (Math.min(beta, givenUp(one, at)) - at);
  }
  return { rate, distortion };
}
