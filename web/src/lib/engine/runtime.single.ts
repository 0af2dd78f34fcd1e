/** The runtime of the single file: the worker is inlined, the WebAssembly a block `wasm`. */

import { unpacked } from '$lib/source/embedded';
import PageWorker from './worker?worker&inline';

export const newWorker = (): Worker => new PageWorker();

export const wasm = (): Promise<ArrayBuffer> => unpacked('wasm');
