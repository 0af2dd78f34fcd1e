/** What is unusual about a row of a table: the cells that lie furthest from their columns' means. */

export interface Columns {
  readonly mean: Float64Array;
  /** Of a column that does not vary, 0. */
  readonly deviation: Float64Array;
}

/** Return the mean and deviation of each column of rows (n, size); missing cells do not count. */
export function columnsOf(rows: ArrayLike<number>, size: number): Columns {
  const [count, mean, square] = [0, 0, 0].map(() => new Float64Array(size)) as [Float64Array, Float64Array, Float64Array];
  for (let i = 0; i < rows.length; i++) {
    const [value, d] = [rows[i] as number, i % size];
    if (Number.isNaN(value)) continue;
    count[d]!++;
    const away = value - mean[d]!;
    mean[d]! += away / count[d]!;
    square[d]! += away * (value - mean[d]!);
  }
  return { mean, deviation: square.map((sum, d) => Math.sqrt(sum / Math.max(1, count[d]!))) };
}

/** Return the columns of a row's least usual cells, the least usual first; no missing ones. */
export function unusual(row: ArrayLike<number>, { mean, deviation }: Columns, most: number): number[] {
  const score = (d: number): number => Math.abs((row[d] as number) - mean[d]!) / (deviation[d]! || Infinity);
  return Array.from({ length: mean.length }, (_, d) => d)
    .filter((d) => !Number.isNaN(row[d]))
    .sort((a, b) => score(b) - score(a) || a - b)
    .slice(0, most);
}
