/** Round numbers along an axis. */

/** Return a few round numbers between two bounds. */
export function ticks(low: number, high: number, most = 4): number[] {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((one) => one >= rough * 0.7) ?? rough;
  const found: number[] = [];
  for (let k = Math.ceil(low / step); k * step <= high + 1e-9 * step; k++) found.push(k * step);
  return found;
}

/** Return how many decimals tell these numbers apart. */
export function decimals(values: readonly number[]): number {
  const step = Math.min(...values.slice(1).map((value, i) => Math.abs(value - (values[i] ?? 0))));
  return Number.isFinite(step) && step > 0 ? Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)) : 0;
}
