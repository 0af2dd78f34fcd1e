/** The runs of a page: what they are called, and how they are opened. */

import type { Description } from '$lib/source/description';

interface Named {
  readonly description: { readonly name: string; readonly run: string };
}

/** Return what runs are called, each otherwise than the rest: by folder, by path, or by number. */
export function namesOf(models: readonly Named[]): string[] {
  const names = models.map(({ description }) => description.name);
  const paths = models.map(({ description }, i) => (isOnly(names, i) ? names[i] : description.run) ?? '');
  return paths.map((name, i) => (isOnly(paths, i) ? name : `${name} (${i + 1})`));
}

/** A word of a command line, in quotes where it needs them. */
export const shell = (word: string): string =>
  /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

type Opened = Pick<Description, 'run' | 'others' | 'is_training'>;

/** Return the command that opens what a page shows; nothing where Python showed a model of its memory. */
export function commandOf({ run, others = [], is_training }: Opened): string {
  if (!run) return '';
  if (is_training) return `latentia train --resume --out ${shell(run)} --watch`;
  const beside = others.map((other) => ` --with ${shell(other.run)}`);
  return `latentia explore ${shell(run)}${beside.join('')}`;
}

const isOnly = (of: readonly string[], place: number): boolean =>
  of.every((one, i) => i === place || one !== of[place]);
