/** Which runs a view is for; without anything that a first page would have to wait for. */

import type { Description } from '$lib/source/description';

// Likelihoods that the numbers of single dimensions do not say, or that are none.
const OTHERS = ['coupled-mixture', 'autoregressive', 'autoregressive-levels', 'ms-ssim'];

/** Whether z is one vector of a real space with p(z) = N(0, I): no ladder, and no class among its latents. */
export const isStandard = ({ space, groups, class_is_latent, prior }: Description): boolean =>
  space === 'real' && groups.length === 0 && !class_is_latent && prior.name === 'standard-normal';

/** Whether p(z) is p(z|c), of which the page has no draws of its own: its z are made of mu(c) and sigma(c). */
export const isGiven = ({ prior }: Description): boolean => prior.name === 'conditional';

/** Whether every term of the ELBO can be computed in the page: q Gaussian, p(z) = N(0, I). */
export function isGaussian(told: Description): boolean {
  return (
    isStandard(told) &&
    told.is_likelihood &&
    told.posterior.name === 'gaussian' &&
    !OTHERS.includes(told.likelihood.name)
  );
}

/** Whether what Python says of one example is of one draw of z, and not of a single code. */
export const isOneDraw = ({ posterior }: Description): boolean => !/dirac|quantized/.test(posterior.name);

/** Whether x is a picture of the size of MNIST's: one channel of 28 x 28, of ink. */
export function isDigit({ picture }: Description): boolean {
  return picture?.channels === 1 && picture.ink && picture.height === 28 && picture.width === 28;
}

/** Whether a digit can be drawn and taken along as an x of one's own: what `learn/draw` is for. */
export const canDraw = (told: Description): boolean => isDigit(told) && isGaussian(told);

/** Whether a lesson about one x can have one: an example, or one that is drawn. */
export const hasX = (told: Description): boolean => told.examples.count > 0 || canDraw(told);
