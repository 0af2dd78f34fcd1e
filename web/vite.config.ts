import { fileURLToPath } from 'node:url';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const OUT = at('../src/latentia/explorer/page');

/**
 * The runtime's bundle names its WebAssembly file by `new URL(...)`, which a single file would
 * carry a second time; with `wasmBinary` given the name is never used.
 */
const withoutSecondWasm = (): Plugin => {
  let seen = 0;
  return {
    name: 'latentia:one-wasm',
    transform(code, id) {
      if (!id.includes('ort.wasm.bundle')) return null;
      const pattern = /new URL\("ort-wasm-simd-threaded\.wasm",\s*import\.meta\.url\)\.href/g;
      const replaced = code.replace(pattern, () => (seen++, '"ort-wasm-simd-threaded.wasm"'));
      return { code: replaced, map: null };
    },
    buildEnd(error) {
      if (!error && !seen) throw new Error('onnxruntime-web no longer names its wasm as expected');
    },
  };
};

/** The template of the one file that `latentia export --html` fills; see README.md. */
const template = (): Plugin => ({
  name: 'latentia:template',
  buildStart() {
    if (existsSync(`${OUT}/index.html`)) renameSync(`${OUT}/index.html`, `${OUT}/served.html`);
  },
  closeBundle: {
    order: 'post',
    sequential: true,
    handler() {
      renameSync(`${OUT}/index.html`, `${OUT}/single.html`);
      if (existsSync(`${OUT}/served.html`)) renameSync(`${OUT}/served.html`, `${OUT}/index.html`);
      const size = readFileSync(`${OUT}/single.html`).length;
      if (size > 1_000_000) throw new Error(`the template has ${size} bytes: a wasm is in it`);
    },
  },
});

/** A policy in the page itself, for a file has no server that would send one. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; " +
  "style-src 'unsafe-inline'; font-src data:; worker-src blob:; img-src data: blob:; " +
  "connect-src 'none'; base-uri 'none'; form-action 'none'";
const policy = (): Plugin => ({
  name: 'latentia:policy',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
      injectTo: 'head-prepend',
    },
  ],
});

export default defineConfig(({ mode }) => {
  const single = mode === 'single';
  return {
    base: './',
    publicDir: false,
    define: { 'import.meta.env.SINGLE': JSON.stringify(single) },
    resolve: {
      alias: {
        $lib: at('src/lib'),
        $components: at('src/components'),
        $math: at('src/math'),
        $runtime: at(`src/lib/engine/runtime.${single ? 'single' : 'served'}.ts`),
      },
    },
    plugins: single
      ? [svelte(), policy(), viteSingleFile({ removeViteModuleLoader: true }), template()]
      : [svelte()],
    server: {
      // `npm run dev` beside `latentia explore RUN --no-browser`.
      proxy: Object.fromEntries(
        ['/page-data', '/v1'].map((path) => [
          path,
          { target: 'http://127.0.0.1:8001', headers: { origin: 'http://127.0.0.1:8001' } },
        ]),
      ),
    },
    worker: {
      format: single ? 'iife' : 'es',
      plugins: () => (single ? [withoutSecondWasm()] : []),
    },
    build: {
      outDir: OUT,
      emptyOutDir: !single,
      target: 'es2022',
      chunkSizeWarningLimit: 1000,
      reportCompressedSize: false,
    },
    test: { include: ['src/**/*.test.ts'] },
  };
});
