/** Numbers of this lesson as they are read: a picture may be far from everything, and they are long. */

import { fixed, nats, significant } from '$lib/format';

/** Nats, of a long number only what is significant. */
export const said = (value: number | undefined): string =>
  value === undefined || !(Math.abs(value) >= 1e5) ? nats(value) : significant(value);

/** A share of examples in percent, and 0 or 100 only of none and all. */
export const percent = (share: number): string => {
  const value = 100 * share;
  if (value <= 0 || value >= 100 || (value >= 0.5 && value < 99.5)) return fixed(value, 0);
  return fixed(Math.min(99.9, Math.max(0.1, value)), 1);
};

/** log p(x) − ELBO of the numbers as they stand there, so that what is read adds up. */
export const gapOf = (evidence: number, elbo: number): number => {
  const shown = (value: number): number => (Math.abs(value) >= 1e5 ? value : Number(value.toFixed(1)));
  return shown(evidence) - shown(elbo);
};
