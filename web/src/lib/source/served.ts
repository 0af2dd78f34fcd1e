/** The page before `latentia explore`. */

import { SourceError, type Source } from './source';
import { trouble } from './trouble';

export class Served implements Source {
  readonly isServed = true;

  constructor(readonly place = '') {}

  under(folder: string): Served {
    return new Served(this.place + folder);
  }

  async bytes(path: string, signal?: AbortSignal): Promise<ArrayBuffer> {
    return (await asked(`page-data/${this.place}${path}`, signal && { signal })).arrayBuffer();
  }

  async examples(at: readonly number[], drawn = false): Promise<Float32Array> {
    const query = `at=${at.join(',')}${drawn ? '&drawn=1' : ''}`;
    return new Float32Array(await (await asked(`page-data/${this.place}examples?${query}`)).arrayBuffer());
  }
}

let command = '';

/** Say by which command the program was started, for whoever finds that it has stopped. */
export const startedBy = (line: string): void => void (command = line);

/** Ask the service, and say in its own words what it refused. */
export async function asked(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    init?.signal?.throwIfAborted(); // nobody wants it any more
    throw new SourceError(trouble.lost, command ? trouble.again(command) : trouble.anew);
  }
  if (response.ok) return response;
  let told: { detail?: string; how?: string } = {};
  try {
    told = (await response.json()) as typeof told;
  } catch {
    // Whatever it was, it was no problem+json.
  }
  throw new SourceError(told.detail ?? `${response.status} ${response.statusText}`, told.how);
}
