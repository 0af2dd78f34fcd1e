/** Numbers as they are read: a true minus sign, and as many decimals as mean something. */

export function fixed(value: number, decimals = 2): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '–' : value > 0 ? '∞' : '−∞';
  const text = value.toFixed(decimals);
  return (Number(text) === 0 ? text.replace('-', '') : text).replace('-', '−');
}

/** With its sign, as a coordinate is read. */
export const signed = (value: number, decimals = 2): string => {
  const text = fixed(value, decimals);
  return Number(value.toFixed(decimals)) > 0 ? `+${text}` : text;
};

export const nats = (value: number | null | undefined, decimals = 1): string =>
  value === null || value === undefined ? '–' : fixed(value, decimals);

/** Thousands apart. */
export const count = (value: number): string => value.toLocaleString('en-US');
