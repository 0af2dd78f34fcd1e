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

/** A word of a command line, quoted where the shell would read more into it. */
export const shell = (word: string): string =>
  /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** Conditions as `given` takes them. */
export function condition(c: Values): string {
  const said = page.description.conditions.map(({ name, classes }, i) => {
    const value = c[i] ?? 0;
    return `${literal(name)}: ${classes.length ? literal(classes[value] ?? '') : value}`;
  });
  return `{${said.join(', ')}}`;
}

/** The lines with which everything begins: the package and the model, under its conditions. */
export function opened(): string[] {
  const { description } = page;
  const lines = ['import latentia as lt', ''];
  // A model in memory is in no folder, and has the name it was given there.
  const at = description.epoch == null ? '' : `, epoch=${description.epoch}`;
  lines.push(description.run ? `vae = lt.load(${literal(description.run)}${at})` : 'vae = model');
  if (description.conditions.length) lines.push(`vae = vae.given(${condition(focus.c)})`);
  return lines;
}

/** E[x|z] of points z. */
export function decoding(z: readonly number[] | readonly (readonly number[])[]): string {
  const rows = (typeof z[0] === 'number' ? [z] : z) as readonly (readonly number[])[];
  const said = rows.map((row) => py(row)).join(',\n     ');
  return [...opened(), `z = [${said}]`, 'x = vae.inverse_transform(z)  # E[x|z]'].join('\n');
}

/** The lines that load all examples, as X and y; of a model of p(x|c) with their own c. */
export function loading(): string[] {
  const { run, conditions, examples } = page.description;
  const name = literal(examples.data);
  if (!run) return [];
  if (!conditions.length) return [`X, y = lt.data.load(${name}, return_X_y=True)`];
  return [`data = lt.data.load(${name}, like=vae.schema_)`, 'X, y = data.x, data.y'];
}

/** The model under the c that each of these examples has; c in hand is for what is decoded. */
export const ofOwnC = (): string =>
  page.description.conditions.length && page.description.run ? 'vae.under(data.c)' : 'vae';

/**
 * The lines that load the examples that the page shows, as x and y.
 *
 * Rows are those of the data set, so that they hold whatever part of it is shown.
 */
export function examples(rows: readonly number[]): string[] {
  const begun = [...opened(), ...loading()];
  const rest = rows.length === 1 ? `X[${rows[0]}:${(rows[0] ?? 0) + 1}]` : `X[${py(rows)}]`;
  return [...begun, `x = ${rest}`];
}
