/** Several runs on one page. */

interface Named {
  readonly description: { readonly name: string; readonly run: string };
}

/** Return what runs are called, each otherwise than the rest: by folder, by path, or by number. */
export function namesOf(models: readonly Named[]): string[] {
  const names = models.map(({ description }) => description.name);
  const paths = models.map(({ description }, i) => (isOnly(names, i) ? names[i] : description.run) ?? '');
  return paths.map((name, i) => (isOnly(paths, i) ? name : `${name} (${i + 1})`));
}

const isOnly = (of: readonly string[], place: number): boolean =>
  of.every((one, i) => i === place || one !== of[place]);
