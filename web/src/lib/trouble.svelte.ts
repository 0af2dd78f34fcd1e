/** What could not be had: told above every view, whoever waits for it, with the way to ask again. */

import { SourceError, type Source } from '$lib/source/source';

class Trouble {
  error = $state.raw<Error>();
  /** Goes up when all that failed is asked for again: who waits for it begins anew. */
  tries = $state(0);

  readonly tell = (error: unknown): void => {
    const told = error instanceof Error ? error : new Error(String(error));
    // What was let go is no trouble, and one that is told twice is one.
    if (told.name === 'AbortError' || told === this.error) return;
    // What the program behind the page refused is said in its words; anything else may be a fault of the page.
    if (!(told instanceof SourceError)) console.error(told);
    this.error = told;
  };

  clear(): void {
    this.error = undefined;
  }

  again(): void {
    this.clear();
    this.tries += 1;
  }
}

export const trouble = new Trouble();

/** A source of which the page hears what it could not give. */
export function telling(source: Source): Source {
  const told = <T>(found: Promise<T>): Promise<T> => {
    found.catch(trouble.tell);
    return found;
  };
  return {
    place: source.place,
    isServed: source.isServed,
    under: (folder) => telling(source.under(folder)),
    bytes: (path, stop) => told(source.bytes(path, stop)),
    examples: (at, drawn) => told(source.examples(at, drawn)),
  };
}
