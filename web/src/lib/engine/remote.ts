/** A model without graphs: the program behind the page encodes and decodes, one request at a time. */

import { asked } from '$lib/source/served';
import type { Runner, RunOptions } from './engine';
import type { Tensor, Tensors } from './protocol';

/** Rows of one request: what is urgent waits for no more. */
const ROWS = 64;

interface Work {
  readonly half: string;
  readonly inputs: Tensors;
  readonly rows: number;
  readonly urgent: boolean;
  readonly signal: AbortSignal | undefined;
  done: number;
  readonly parts: Tensors[];
  resolve(outputs: Tensors): void;
  reject(error: Error): void;
}

export class Remote implements Runner {
  readonly #queue: Work[] = [];
  #busy = false;

  /** @param place  Which model, as `Source.place` says it. */
  constructor(readonly place = '') {}

  run(name: string, inputs: Tensors, options: RunOptions = {}): Promise<Tensors> {
    const { urgent = false, outputs, signal } = options;
    const half = name.split('/').at(-1) ?? '';
    const rows = Object.values(inputs)[0]?.dims[0] ?? 0;
    const answer = new Promise<Tensors>((resolve, reject) => {
      this.#queue.push({ half, inputs, rows, urgent, signal, done: 0, parts: [], resolve, reject });
    });
    if (!this.#busy) void this.#work();
    if (!outputs) return answer;
    return answer.then((all) =>
      Object.fromEntries(Object.entries(all).filter(([one]) => outputs.includes(one))),
    );
  }

  close(): void {
    // Nothing is held here.
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#queue.length) {
      const work = this.#queue.find(({ urgent }) => urgent) ?? this.#queue[0];
      if (!work) break;
      try {
        work.signal?.throwIfAborted();
        work.parts.push(await request(this.place, work));
        work.done += ROWS;
        if (work.done < work.rows) continue;
        work.resolve(together(work.parts, work.rows));
      } catch (error) {
        work.reject(error instanceof Error ? error : new Error(String(error)));
      }
      this.#queue.splice(this.#queue.indexOf(work), 1);
    }
    this.#busy = false;
  }
}

/** Ask for the next rows: x or z, and then c, as they lie in memory. */
async function request(place: string, work: Work): Promise<Tensors> {
  const { half, inputs, rows, done, signal } = work;
  const count = Math.min(ROWS, rows - done);
  const parts = Object.values(inputs).map(({ data, dims }) => {
    const width = data.length / (dims[0] || 1);
    return data.slice(done * width, (done + count) * width);
  });
  const init = { method: 'POST', body: new Blob(parts), ...(signal && { signal }) };
  return read(await (await asked(`page-data/${place}half/${half}?rows=${count}`, init)).arrayBuffer());
}

/** Read what `latentia/explorer/halves.py` writes: a line that names the arrays, and the arrays. */
export function read(bytes: ArrayBuffer): Tensors {
  const length = new DataView(bytes).getUint32(0, true);
  const line = new TextDecoder().decode(new Uint8Array(bytes, 4, length));
  let at = 4 + length;
  const found: Record<string, Tensor> = {};
  for (const { name, dims } of JSON.parse(line) as { name: string; dims: number[] }[]) {
    const size = dims.reduce((a, b) => a * b, 1);
    found[name] = { data: new Float32Array(bytes, at, size), dims };
    at += 4 * size;
  }
  return found;
}

/** Join parts of some rows. */
export function together(parts: readonly Tensors[], rows: number): Tensors {
  const first = parts[0] ?? {};
  if (parts.length < 2) return first;
  return Object.fromEntries(
    Object.entries(first).map(([name, { dims }]) => {
      const width = dims.slice(1).reduce((a, b) => a * b, 1);
      const data = new Float32Array(rows * width);
      let at = 0;
      for (const part of parts) {
        const piece = part[name]?.data ?? new Float32Array();
        data.set(piece, at);
        at += piece.length;
      }
      return [name, { data, dims: [rows, ...dims.slice(1)] }];
    }),
  );
}
