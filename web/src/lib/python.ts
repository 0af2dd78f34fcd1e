/** Python that does what was done on the page. */

import { page } from '$lib/page.svelte';
import type { Values } from '$lib/conditions';
import { focus } from '$lib/focus.svelte';

const literal = (text: string): string => JSON.stringify(text);

/** A value as Python writes it. */
export function py(value: number | string | readonly number[]): string {
  if (typeof value === 'string') return literal(value);
  if (typeof value === 'number') return String(value);
  return `[${value.map(String).join(', ')}]`;
}

/** Conditions as `given` takes them, of the page's model or of another. */
export function condition(c: Values, conditions = page.description.conditions): string {
  const said = conditions.map(({ name, classes }, i) => {
    const value = c[i] ?? 0;
    return `${literal(name)}: ${classes.length ? literal(classes[value] ?? '') : value}`;
  });
  return `{${said.join(', ')}}`;
}

/** What is said of a place in a single file, which is read where nothing is where it was. */
export const there = (what: string): string => (page.source.isServed ? '' : `  # put ${what} here`);

/** The lines with which everything begins: the package and the model, under its conditions. */
export function opened(): string[] {
  const { description } = page;
  const lines = ['import latentia as lt', ''];
  // A model in memory is in no folder, and has the name it was given there.
  const at = description.epoch == null ? '' : `, epoch=${description.epoch}`;
  lines.push(description.run ? `vae = lt.load(${literal(description.run)}${at})${there('the path of this run')}` : `vae = model${there('the fitted model')}`);
  if (description.conditions.length) lines.push(`vae = vae.given(${condition(focus.c)})`);
  return lines;
}

/** The condition `c:NAME` of all examples, out of the numbers c (n, C) as the model takes them; '' of another name. */
export function colouredBy(colour: string): string {
  let from = 0;
  for (const { name, classes, mean, std } of page.description.conditions) {
    const to = from + (classes.length || 1);
    if (colour === `c:${name}`) {
      return classes.length ? `c[:, ${from}:${to}].argmax(1)` : `c[:, ${from}] * ${std} + ${mean}`;
    }
    from = to;
  }
  return '';
}

/** E[x|z] of points z. */
export function decoding(z: readonly number[] | readonly (readonly number[])[]): string {
  const rows = (typeof z[0] === 'number' ? [z] : z) as readonly (readonly number[])[];
  const said = rows.map((row) => py(row)).join(',\n     ');
  return [...opened(), `z = [${said}]`, 'x = vae.inverse_transform(z)  # E[x|z]'].join('\n');
}

/** The lines that load the data set as the model takes it, X and y; of a model of p(x|c) with their own c. */
function loaded(): string[] {
  const { run, conditions, examples } = page.description;
  const name = literal(examples.data);
  // A model in memory has its X.
  if (!run) return [];
  const from = there('the name or path of these data');
  if (!conditions.length) return [`X, y = lt.data.load(${name}, like=vae.schema_, return_X_y=True)${from}`];
  return [`data = lt.data.load(${name}, like=vae.schema_)${from}`, 'X, y, c = data.x, data.y, data.c'];
}

/** The model under the c that each of these examples has; c in hand is for what is decoded. */
export const ofOwnC = (): string =>
  page.description.conditions.length && page.description.run ? 'vae.under(c)' : 'vae';

/**
 * The lines that load some examples, as x.
 *
 * Rows are those of the data set, so that they hold whatever part of it is shown.
 */
export function examples(rows: readonly number[]): string[] {
  const rest = rows.length === 1 ? `X[${rows[0]}:${(rows[0] ?? 0) + 1}]` : `X[${py(rows)}]`;
  return [...opened(), ...loaded(), `x = ${rest}`];
}

/** More runs of rows than these stand in no line: their bits do. */
const RUNS = 40;

/** Rows of the data set as numpy selects them: as slices, one by one, or as bits where that is shorter. */
export function selecting(rows: ArrayLike<number>): string {
  const runs: [number, number][] = [];
  let isRising = true;
  for (let i = 0; i < rows.length; i++) {
    const [row, last] = [rows[i] as number, runs.at(-1)];
    if (last && row < last[1]) isRising = false;
    if (last && row === last[1]) last[1]++;
    else runs.push([row, row + 1]);
  }
  if (runs.length <= 1) return `slice(${runs[0]?.[0] ?? 0}, ${runs[0]?.[1] ?? 0})`;
  if (runs.length <= RUNS) return `np.r_[${runs.map(([from, to]) => (to - from > 1 ? `${from}:${to}` : from)).join(', ')}]`;
  const each = py(Array.from(rows));
  if (!isRising) return each;
  // From the first of them on: a part of the data often lies at its end.
  const first = runs[0]![0];
  const bytes = new Uint8Array(Math.ceil((runs.at(-1)![1] - first) / 8));
  for (let i = 0; i < rows.length; i++) bytes[((rows[i] as number) - first) >> 3]! |= 128 >> (((rows[i] as number) - first) & 7);
  const bits = `${first ? `${first} + ` : ''}np.flatnonzero(np.unpackbits(np.frombuffer(bytes.fromhex("${hex(bytes)}"), np.uint8)))`;
  return each.length < bits.length ? each : bits;
}

/** The lines that open the model and load the examples that the page shows, in its order: X, and y of labels. */
export function shownExamples(rows: ArrayLike<number> | undefined): string[] {
  const { run, conditions, examples } = page.description;
  const lines = ['import numpy as np', ...opened(), ...loaded()];
  if (!run) return [...lines, `X = X[:${examples.count}]`, ...(examples.has_labels ? ['y = np.unique(labels, return_inverse=True)[1]'] : [])];
  lines.push(`shown = ${selecting(rows ?? [])}  # the ${examples.count} rows of the page: ${examples.split}`);
  const names = ['X', ...(examples.has_labels ? ['y'] : []), ...(conditions.length ? ['c'] : [])];
  return [...lines, `${names.join(', ')} = ${names.map((name) => `${name}[shown]`).join(', ')}`];
}

export const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Many numbers as they are, for numpy: bits where they are 0 and 1, else float32. */
export function exactly(values: Float32Array): string {
  if (!values.every((value) => value === 0 || value === 1)) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return `np.frombuffer(bytes.fromhex("${hex(bytes)}"), "<f4").copy()`;
  }
  const bytes = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, i) => (bytes[i >> 3]! |= value << (7 - (i & 7))));
  return `np.unpackbits(np.frombuffer(bytes.fromhex("${hex(bytes)}"), np.uint8))[:${values.length}]`;
}

/** How many cells of each row of X are there, (n,). */
export const CELLS = '(~vae.plain(X).isnan()).flatten(1).sum(1).cpu().numpy()';
