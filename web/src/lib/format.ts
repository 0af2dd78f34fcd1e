/** Numbers as they are read: a true minus sign, and as many decimals as mean something. */

export function fixed(value: number, decimals = 2): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '–' : value > 0 ? '∞' : '−∞';
  const text = value.toFixed(decimals);
  return (Number(text) === 0 ? text.replace('-', '') : text).replace('-', '−');
}

/** What is no less than 0, and small: never a 0 that is none. */
export const trace = (value: number): string =>
  value > 0 && value < 0.005 ? '< 0.01' : fixed(value, 2);

/** With its sign, as a coordinate is read. */
export const signed = (value: number, decimals = 2): string => {
  const text = fixed(value, decimals);
  return Number(value.toFixed(decimals)) > 0 ? `+${text}` : text;
};

/** A cell of a table: as many decimals as its size leaves room for, and none of a whole number. */
export const cell = (value: number): string => {
  const size = Math.abs(value);
  // A float32 that an offset was taken from is whole to seven digits.
  if (Math.abs(value - Math.round(value)) <= 1e-6 * Math.max(1, size)) return fixed(value, 0);
  return fixed(value, size >= 9999.5 ? 0 : size >= 999.5 ? 1 : size >= 99.5 ? 2 : 3);
};

export const nats = (value: number | null | undefined, decimals = 1): string =>
  value === null || value === undefined ? '–' : fixed(value, decimals);

/** Thousands apart. */
export const count = (value: number): string => value.toLocaleString('en-US');

/**
 * Round the parts of a sum so that they add up to the total as it is rounded, which never changes:
 * what is left over goes to the parts whose rounding it makes least wrong (the largest remainder).
 * Parts that do not make the total, by more than rounding can, are rounded each by itself, for
 * nothing should hide that.
 */
export function adding(total: number, parts: readonly number[], decimals: number): number[] {
  const unit = 10 ** -decimals;
  const shown = parts.map((part) => Math.round(part / unit));
  const error = total / unit - parts.reduce((sum, part) => sum + part / unit, 0);
  let left = Math.round(total / unit) - shown.reduce((sum, part) => sum + part, 0);
  if (Math.abs(error) < 2) {
    while (left) {
      const by = Math.sign(left);
      const short = shown.map((units, i) => by * ((parts[i] ?? 0) / unit - units));
      shown[short.indexOf(Math.max(...short))]! += by;
      left -= by;
    }
  }
  return shown.map((units) => Number((units * unit).toFixed(decimals)));
}

const SUPER = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** Any size, in as many digits as are said: what is very small is a power of ten, always written so. */
export function significant(value: number, digits = 2): string {
  if (!Number.isFinite(value) || value === 0) return fixed(value, 0);
  const [mantissa = '', exponent = ''] = value.toExponential(digits - 1).split('e');
  const power = Number(exponent);
  if (power >= -2 && power < 5) return fixed(Number(value.toPrecision(digits)), Math.max(0, digits - 1 - power));
  const raised = [...String(Math.abs(power))].map((digit) => SUPER[Number(digit)]).join('');
  return `${mantissa.replace('-', '−')} × 10${power < 0 ? '⁻' : ''}${raised}`;
}

/** A number with fewer decimals the larger it is, and its thousands apart. */
export function figure(value: number, most = 4): string {
  return apart(value, figureDecimals(value, most));
}

/** As `fixed`, with thousands apart. */
export const apart = (value: number, decimals: number): string =>
  fixed(value, decimals).replace(/\d+/, (whole) => (whole.length > 3 ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole));

export const figureDecimals = (value: number, most = 4): number => {
  const size = Math.abs(value);
  return size >= 999.5 ? 0 : size >= 99.95 ? Math.min(1, most) : size >= 9.995 ? Math.min(2, most) : most;
};
