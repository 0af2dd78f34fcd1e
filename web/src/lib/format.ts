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

/** A cell of a table: as many decimals as its size leaves room for. */
export const cell = (value: number): string => {
  const size = Math.abs(value);
  return fixed(value, size >= 9999.5 ? 0 : size >= 999.5 ? 1 : size >= 99.5 ? 2 : 3);
};

export const nats = (value: number | null | undefined, decimals = 1): string =>
  value === null || value === undefined ? '–' : fixed(value, decimals);

/** Thousands apart. */
export const count = (value: number): string => value.toLocaleString('en-US');
