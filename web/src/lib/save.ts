/** Files that the page itself makes, handed to the browser to be kept. */

import { page, type ArrayName } from '$lib/page.svelte';
import { lastOf } from '$lib/runs';

/** Keep something under a name, in the folder of downloads. */
export function save(name: string, content: Blob | string, kind = 'text/plain'): void {
  const blob = typeof content === 'string' ? new Blob([content], { type: kind }) : content;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export type Format = 'csv' | 'json' | 'indices';

type Cell = number | string | null;

/** What is known of some examples: one column each, by name. */
export async function known(places: ArrayLike<number>): Promise<Map<string, Cell[]>> {
  const at = Array.from(places);
  const { latents, examples } = page.description;
  const found = new Map<string, Cell[]>([['example', at]]);
  const put = (name: string, of: (place: number) => number): void => {
    found.set(name, at.map(of).map((value) => (Number.isNaN(value) ? null : value)));
  };
  const heads = (await page.heads()).filter(
    ({ shape }) => shape.length === 1 && shape[0] === examples.count,
  );
  for (const { name } of heads) {
    const data = (await page.array(name as ArrayName))?.data;
    if (!data) continue;
    if (name === 'label' && examples.labels.length) {
      found.set('label', at.map((place) => examples.labels[data[place] ?? -1] ?? null));
    } else put(name.replace('column:', ''), (place) => data[place] ?? NaN);
  }
  const mean = (await page.array('mean'))?.data;
  for (let d = 0; mean && d < latents; d++) {
    put(`z${d + 1}`, (place) => mean[place * latents + d] ?? NaN);
  }
  return found;
}

const quoted = (cell: Cell): string => {
  const text = String(cell ?? '');
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Columns as CSV, empty where a value is missing. */
export function csv(columns: ReadonlyMap<string, readonly Cell[]>): string {
  const all = [...columns.values()];
  const lines = all[0]?.map((_, i) => all.map((column) => quoted(column[i] ?? null)).join(',')) ?? [];
  return [[...columns.keys()].map(quoted).join(','), ...lines, ''].join('\n');
}

/** Keep some examples: everything known of them, or only their rows in the data set. */
export async function saveExamples(
  places: ArrayLike<number>,
  format: Format,
  name: string,
): Promise<void> {
  const columns = await known(places);
  if (format === 'csv') save(`${name}.csv`, csv(columns), 'text/csv');
  else if (format === 'indices') {
    const lines = columns.get('row') ?? columns.get('example') ?? [];
    save(`${name}.txt`, `${lines.join('\n')}\n`);
  } else {
    const told = {
      // What is kept may be handed on: it tells names, and no path of this machine.
      run: page.description.name,
      data: lastOf(page.description.examples.data),
      split: page.description.examples.split,
      ...Object.fromEntries(columns),
    };
    save(`${name}.json`, JSON.stringify(told, null, 1), 'application/json');
  }
}
