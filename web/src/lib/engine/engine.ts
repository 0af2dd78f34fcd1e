/** The page's side of the worker: models that encode and decode, many rows or the latest. */

import { newWorker, wasm } from '$runtime';
import type { Reply, Request, Tensors } from './protocol';
import { Remote } from './remote';
import type { GraphsTold } from '$lib/source/description';
import { json, SourceError, type Source } from '$lib/source/source';
import { trouble } from '$lib/source/trouble';
import { trouble as above } from '$lib/trouble.svelte';

/** Rows of one pass: a pass is over before a finger notices. */
const CHUNK = 64;

interface Waiting {
  resolve(outputs: Tensors): void;
  reject(error: Error): void;
}

type Asking = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;

/** Milliseconds that the last some hundred runs took in the worker, without the way there. */
export const passes: number[] = [];

/** What runs the halves of a model by name: the worker, or the program behind the page. */
export interface Runner {
  run(name: string, inputs: Tensors, options?: RunOptions): Promise<Tensors>;
  close(name: string): void;
}

class Engine implements Runner {
  readonly #worker = newWorker();
  readonly #waiting = new Map<number, Waiting>();
  #failed: Error | undefined;
  #last = 0;
  readonly #started: Promise<unknown>;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ('error' in data) waiting?.reject(new Error(data.error));
      else {
        if (data.ms !== undefined) passes.push(data.ms);
        if (passes.length > 500) passes.shift();
        waiting?.resolve(data.outputs);
      }
    };
    // It may fail before anybody waits, and then without a word.
    this.#worker.onerror = (event) => {
      this.#failed = new SourceError(trouble.noModel(event.message || trouble.noWorker), trouble.newer);
      for (const waiting of this.#waiting.values()) waiting.reject(this.#failed);
      this.#waiting.clear();
    };
    const sent = wasm();
    sent.catch(above.tell); // of other files the page hears by its source
    this.#started = sent.then((bytes) => this.#ask({ kind: 'start', wasm: bytes }, [bytes]));
    this.#started.catch(() => {
      if (engine === this) engine = undefined; // whoever asks again begins anew
    });
  }

  async open(name: string, graph: ArrayBuffer): Promise<void> {
    await this.#started;
    await this.#ask({ kind: 'open', name, graph }, [graph]);
  }

  async run(
    name: string,
    inputs: Tensors,
    { urgent = false, outputs, signal }: RunOptions = {},
  ): Promise<Tensors> {
    signal?.throwIfAborted();
    const asking = {
      kind: 'run' as const,
      name,
      inputs,
      chunk: CHUNK,
      urgent,
      ...(outputs ? { outputs } : {}),
    };
    const answer = this.#ask(asking);
    const id = this.#last;
    signal?.addEventListener('abort', () => {
      this.#worker.postMessage({ kind: 'drop', id } satisfies Request);
      this.#waiting.get(id)?.reject(signal.reason as Error);
      this.#waiting.delete(id);
    });
    return answer;
  }

  close(name: string): void {
    this.#worker.postMessage({ kind: 'close', id: 0, name } satisfies Request);
  }

  #ask(asking: Asking, transfer: Transferable[] = []): Promise<Tensors> {
    if (this.#failed) return Promise.reject(this.#failed);
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ ...asking, id }, transfer);
    });
  }
}

export interface RunOptions {
  /** Whether it comes before everything that is not: what a finger waits for. */
  urgent?: boolean;
  /** The outputs that are wanted; all where it is left out. */
  outputs?: readonly string[];
  signal?: AbortSignal;
}

let engine: Engine | undefined;

/** A model, in the worker where it has graphs. Arrays are row-major: x (n, D), z (n, L), c (n, C). */
export class Model {
  private constructor(
    readonly told: GraphsTold,
    readonly shape: readonly number[],
    readonly latents: number,
    private readonly name: string,
    private readonly engine: Runner,
  ) {}

  /**
   * Open the graphs of a source; where there are none, the program behind the page is asked.
   *
   * @param name  What the worker calls it; another model (an epoch, a second run) has another.
   */
  static async open(
    source: Source,
    shape: readonly number[],
    latents: number,
    name = 'model',
  ): Promise<Model> {
    const told = await json<GraphsTold>(source, 'graphs');
    if (told.why_not) {
      if (!source.isServed) throw new SourceError(told.why_not.what, told.why_not.how);
      return new Model(told, shape, latents, name, new Remote(source.place));
    }
    engine ??= new Engine();
    const opened = engine;
    await Promise.all(
      told.graphs.map(async (graph) =>
        opened.open(`${name}/${graph}`, await source.bytes(`graph/${graph}.onnx`)),
      ),
    );
    return new Model(told, shape, latents, name, opened);
  }

  /** A model that the program behind the page is asked for, whether it has graphs or not. */
  static asked(source: Source, shape: readonly number[], latents: number, conditions: number): Model {
    const told = { graphs: [], z: { latents, conditions } };
    return new Model(told, shape, latents, 'model', new Remote(source.place));
  }

  /** Return the parameters of q(z|x) by torch's names, each (n, L). */
  encode(x: Float32Array, c?: Float32Array, options?: RunOptions): Promise<Tensors> {
    const n = x.length / this.shape.reduce((a, b) => a * b, 1);
    return this.#run('encoder', { x: { data: x, dims: [n, ...this.shape] } }, n, c, options);
  }

  /** Return the parameters of p(x|z) by torch's names, and `shown`, each (n, ...). */
  decode(z: Float32Array, c?: Float32Array, options?: RunOptions): Promise<Tensors> {
    const n = z.length / this.latents;
    return this.#run('decoder', { z: { data: z, dims: [n, this.latents] } }, n, c, options);
  }

  /** Return E[x|z], or the x that stands for it, (n, D). */
  async shown(z: Float32Array, c?: Float32Array, options?: RunOptions): Promise<Float32Array> {
    const { shown } = await this.decode(z, c, { ...options, outputs: ['shown'] });
    if (!shown) throw new Error('the decoder shows nothing');
    return shown.data;
  }

  /** Return the mean and the deviation of p(z|c), `loc` and `scale` (n, L), of a prior that is one. */
  async prior(c: Float32Array): Promise<Tensors> {
    const width = this.told.z?.conditions ?? 0;
    return this.engine.run(`${this.name}/prior`, { c: { data: c, dims: [c.length / width, width] } });
  }

  close(): void {
    for (const graph of this.told.graphs) this.engine.close(`${this.name}/${graph}`);
  }

  #run(
    graph: string,
    inputs: Tensors,
    n: number,
    c: Float32Array | undefined,
    options?: RunOptions,
  ): Promise<Tensors> {
    const width = this.told.z?.conditions ?? 0;
    if (!width) return this.engine.run(`${this.name}/${graph}`, inputs, options);
    if (!c) return Promise.reject(new Error('this is a model of p(x|c), and nothing says c'));
    const data = c.length === width && n > 1 ? repeated(c, n) : c;
    const under = { ...inputs, c: { data, dims: [n, width] } };
    return this.engine.run(`${this.name}/${graph}`, under, options);
  }
}

function repeated(row: Float32Array, n: number): Float32Array {
  const all = new Float32Array(row.length * n);
  for (let i = 0; i < n; i++) all.set(row, i * row.length);
  return all;
}
