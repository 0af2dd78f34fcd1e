/** The runs of a page: what they are called, and how they are opened. */

import type { Description } from '$lib/source/description';

interface Named {
  readonly description: { readonly name: string; readonly run: string };
}

/** Return what runs are called, each otherwise than the rest: by folder, by the folders around it, or by number. */
export function namesOf(models: readonly Named[]): string[] {
  const names = models.map(({ description }) => description.name);
  const paths = models.map(({ description }) => description.run.split('/'));
  const last = (i: number, parts: number): string => paths[i]!.slice(-parts).join('/');
  return names.map((name, i) => {
    if (isOnly(names, i)) return name;
    const alike = names.flatMap((other, k) => (k !== i && other === name ? [k] : []));
    for (let parts = 2; parts <= paths[i]!.length; parts++) {
      if (alike.every((k) => last(k, parts) !== last(i, parts))) return last(i, parts);
    }
    return `${name} (${i + 1})`;
  });
}

/** The last part of a path, which has room where the whole has none; a name as it is. */
export const lastOf = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;

/** A word of a command line, in quotes where it needs them. */
export const shell = (word: string): string =>
  /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

type Opened = Pick<Description, 'run' | 'command' | 'is_training'>;

/** The port that is taken where none is said. */
const USUAL = '8001';

/**
 * Return the command that opens what a page shows, where that page looks for it: on its own port.
 * Nothing where Python showed a model of its memory.
 */
export function commandOf({ run, command = '', is_training }: Opened, port: string): string {
  const said = is_training ? `latentia train --resume --out ${shell(run)} --watch` : command;
  return said && port !== USUAL ? `${said} --port ${port || '80'}` : said;
}

const isOnly = (of: readonly string[], place: number): boolean =>
  of.every((one, i) => i === place || one !== of[place]);
