/** The runtime of the served page: worker and WebAssembly are files beside it. */

import { asked } from '$lib/source/served';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import PageWorker from './worker?worker';

export const newWorker = (): Worker => new PageWorker();

export async function wasm(): Promise<ArrayBuffer> {
  return (await asked(wasmUrl)).arrayBuffer();
}
