/** The worker: graphs in WebAssembly, one thread, small work before large work. */

import * as ort from 'onnxruntime-web/wasm';
import type { Reply, Request, Tensor, Tensors } from './protocol';

type Run = Extract<Request, { kind: 'run' }>;

interface Work {
  readonly run: Run;
  readonly rows: number;
  done: number;
  ms: number;
  readonly parts: Record<string, Tensor[]>;
}

const sessions = new Map<string, ort.InferenceSession>();
const queue: Work[] = [];
let working = false;

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Request>) => void;
  postMessage: (reply: Reply, transfer?: Transferable[]) => void;
};

scope.onmessage = ({ data }) => {
  void handled(data).catch((error: unknown) =>
    scope.postMessage({ id: data.id, error: error instanceof Error ? error.message : String(error) }),
  );
};

async function handled(request: Request): Promise<void> {
  switch (request.kind) {
    case 'start':
      ort.env.wasm.numThreads = 1;
      ort.env.wasm.wasmBinary = request.wasm;
      ort.env.logLevel = 'error';
      scope.postMessage({ id: request.id, outputs: {} });
      return;
    case 'open':
      sessions.set(request.name, await ort.InferenceSession.create(request.graph));
      scope.postMessage({ id: request.id, outputs: {} });
      return;
    case 'close':
      await sessions.get(request.name)?.release();
      sessions.delete(request.name);
      return;
    case 'drop': {
      const place = queue.findIndex((work) => work.run.id === request.id);
      if (place >= 0) queue.splice(place, 1);
      return;
    }
    case 'run': {
      const rows = Object.values(request.inputs)[0]?.dims[0] ?? 0;
      queue.push({ run: request, rows, done: 0, ms: 0, parts: {} });
      if (!working) await emptied();
    }
  }
}

/** Work until nothing is left; messages that come meanwhile are heard between two passes. */
async function emptied(): Promise<void> {
  working = true;
  while (queue.length) {
    const work = queue.find(({ run }) => run.urgent) ?? queue[0];
    if (!work) break;
    try {
      await pass(work);
      if (work.done >= work.rows) finish(work);
      else await heard();
    } catch (error) {
      leave(work);
      scope.postMessage({ id: work.run.id, error: error instanceof Error ? error.message : String(error) });
    }
  }
  working = false;
}

async function pass(work: Work): Promise<void> {
  const { run } = work;
  const session = sessions.get(run.name);
  if (!session) throw new Error(`no graph ${run.name} is open`);
  const rows = Math.min(run.chunk, work.rows - work.done);
  const feeds: Record<string, ort.Tensor> = {};
  for (const [name, input] of Object.entries(run.inputs)) {
    const width = input.data.length / (input.dims[0] ?? 1);
    const part = input.data.subarray(work.done * width, (work.done + rows) * width);
    feeds[name] = new ort.Tensor('float32', part, [rows, ...input.dims.slice(1)]);
  }
  const wanted = run.outputs ?? session.outputNames;
  const since = performance.now();
  const found = await session.run(feeds, wanted);
  work.ms += performance.now() - since;
  for (const name of wanted) {
    const tensor = found[name];
    if (!tensor) continue;
    (work.parts[name] ??= []).push({ data: tensor.data as Float32Array, dims: tensor.dims });
  }
  work.done += rows;
}

function finish(work: Work): void {
  leave(work);
  const outputs: Record<string, Tensor> = {};
  for (const [name, parts] of Object.entries(work.parts)) outputs[name] = together(parts, work.rows);
  const transfer = Object.values(outputs).map(({ data }) => data.buffer as ArrayBuffer);
  scope.postMessage({ id: work.run.id, outputs: outputs as Tensors, ms: work.ms }, transfer);
}

function together(parts: Tensor[], rows: number): Tensor {
  const dims = [rows, ...(parts[0]?.dims.slice(1) ?? [])];
  const size = parts.reduce((sum, { data }) => sum + data.length, 0);
  const data = new Float32Array(size);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { data, dims };
}

function leave(work: Work): void {
  const place = queue.indexOf(work);
  if (place >= 0) queue.splice(place, 1);
}

const { port1, port2 } = new MessageChannel();
/** Let messages in that came during a pass. */
function heard(): Promise<void> {
  return new Promise((resolve) => {
    port1.onmessage = () => resolve();
    port2.postMessage(0);
  });
}
