/** Examples that are rows of a table, in few words: a label, and the cells by which one knows them. */

import { cell } from '$lib/format';
import { page } from '$lib/page.svelte';
import { columnsOf, unusual, type Columns } from '$lib/row';

/** A row in few words. */
export interface Brief {
  /** Its label; empty where it has none. */
  readonly label: string;
  /** Its least usual cells: names and values. */
  readonly cells: readonly (readonly [string, string])[];
  /** All of it, for a title. */
  readonly whole: string;
}

/** Rows by which the columns are measured, numbers of x at most, and rows of one question. */
const [MEASURED, MOST, EACH] = [256, 100_000, 200];
/** Cells of the title. */
const TITLE = 30;

export function columnNames(): readonly string[] {
  const { columns } = page.description.x;
  return columns.length ? columns : Array.from({ length: page.size }, (_, i) => `x${i}`);
}

let columns: Promise<Columns> | undefined;
const rows = new Map<number, Promise<Float32Array>>();
let waiting = new Map<number, { resolve: (row: Float32Array) => void; reject: (error: unknown) => void }>();

/** A row; those that are asked for at once are one question. */
function rowOf(place: number): Promise<Float32Array> {
  const known = rows.get(place);
  if (known) return known;
  if (!waiting.size) queueMicrotask(() => void send());
  const found = new Promise<Float32Array>((resolve, reject) => waiting.set(place, { resolve, reject }));
  rows.set(place, found);
  return found;
}

async function send(): Promise<void> {
  const [asked, size] = [[...waiting], page.size];
  waiting = new Map();
  for (let from = 0; from < asked.length; from += EACH) {
    const part = asked.slice(from, from + EACH);
    try {
      const x = await page.source.examples(part.map(([place]) => place));
      part.forEach(([, { resolve }], i) => resolve(x.subarray(i * size, (i + 1) * size)));
    } catch (error) {
      for (const [place, { reject }] of part) {
        rows.delete(place);
        reject(error);
      }
    }
  }
}

/** How many rows, the first ones, the columns are measured by. */
export const measuredBy = (): number =>
  Math.min(page.description.examples.count, Math.max(2, Math.min(MEASURED, Math.floor(MOST / page.size))));

/** Return the means and deviations of the columns. */
export function measured(): Promise<Columns> {
  columns ??= page.source
    .examples(Array.from({ length: measuredBy() }, (_, i) => i))
    .then((x) => columnsOf(x, page.size));
  columns.catch(() => (columns = undefined));
  return columns;
}

/** Return an example that is no picture in few words. */
export async function brief(place: number): Promise<Brief> {
  const { examples, x: told } = page.description;
  const [row, of, labels] = await Promise.all([rowOf(place), measured(), page.array('label')]);
  const names = columnNames();
  const said = (d: number): readonly [string, string] => [names[d] ?? '', cell((row[d] ?? NaN) + (told.offset[d] ?? 0))];
  const k = examples.has_labels ? (labels?.data[place] ?? -1) : -1;
  const label = k < 0 ? '' : (examples.labels[k] ?? String(k));
  const whole = Array.from({ length: Math.min(TITLE, row.length) }, (_, d) => said(d).join(' ')).join('\n');
  return { label, cells: unusual(row, of, 2).map(said), whole: label ? `${label}\n${whole}` : whole };
}

/** An example in few words once they are here, for templates; nothing of a picture. */
export function briefly(place: () => number): { readonly value: Brief | undefined } {
  let value = $state.raw<Brief>();
  $effect(() => {
    const wanted = place();
    let isAwaited = page.description.picture === null;
    if (isAwaited) {
      brief(wanted).then(
        (found) => {
          if (isAwaited) value = found;
        },
        () => undefined, // The number of the example stands there still.
      );
    }
    return () => (isAwaited = false);
  });
  return {
    get value() {
      return value;
    },
  };
}
