// The pages in Chromium: a small run is trained and served, and every test/*.page.mjs is driven.
//
//   node test/run.mjs [NAME...] [--shots FOLDER] [--without-webgl]
//
// With --without-webgl the browser has it switched off; else the test `webgl` alone looks at some
// views so. PYTHON names the interpreter that has latentia; CHROMIUM the browser.

import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { Checks, sweep } from './checks.mjs';
import { prepared } from './served.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const given = process.argv.slice(2);
const flag = given.indexOf('--shots');
const shots = flag < 0 ? '' : given.splice(flag, 2)[1];
const off = given.indexOf('--without-webgl');
const hasWebGL = off < 0;
if (!hasWebGL) given.splice(off, 1);
if (shots) mkdirSync(shots, { recursive: true });

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
if (!existsSync(executablePath)) {
  console.error(`no browser at ${executablePath}: apt-get install chromium, or set CHROMIUM`);
  process.exit(1);
}

// A connection that is kept may be ended by the server at the moment in which it is used again.
const { fetch } = globalThis;
globalThis.fetch = (url, init = {}) =>
  fetch(url, { ...init, headers: { ...init.headers, connection: 'close' } });

const begun = Date.now();
const took = () => `${((Date.now() - begun) / 1000).toFixed(0)} s`;
const { two, six, folder, stop } = await prepared();
console.log(`served two runs (${took()})`);
/** Start a browser, with WebGL as the processor draws it, or with none. */
const launched = (isWith) =>
  chromium.launch({
    executablePath,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...(isWith ? ['--enable-unsafe-swiftshader'] : ['--disable-webgl', '--disable-webgl2', '--disable-3d-apis']),
    ],
  });
const browser = await launched(hasWebGL);

const SIZES = { phone: [390, 844], laptop: [1280, 800], wide: [1920, 1080] };
let failed = 0;
let passed = 0;

/** With WebGL or without, a page is the same, for nothing asks for it: whoever does is heard. */
function asksForNoWebGL() {
  for (const canvas of [HTMLCanvasElement, OffscreenCanvas]) {
    const { getContext } = canvas.prototype;
    canvas.prototype.getContext = function (kind, ...rest) {
      if (/^(webgl|webgpu)/.test(kind)) console.error(`a canvas asks for ${kind}`);
      return getContext.call(this, kind, ...rest);
    };
  }
}

/** Return a fresh page of which every message and every request is looked at. */
async function opened(checks, { size = 'laptop', theme = 'light', language = 'en', moves = false, by = browser } = {}) {
  const [width, height] = SIZES[size];
  const context = await by.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: language === 'ko' ? 'ko-KR' : 'en-US',
    reducedMotion: moves ? 'no-preference' : 'reduce',
  });
  await context.addInitScript(asksForNoWebGL);
  const page = await context.newPage();
  checks.watch(page);
  await page.route('**/*', (route) => {
    const { hostname, protocol } = new URL(route.request().url());
    const own = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
    if (own || ['data:', 'blob:', 'file:'].includes(protocol)) return route.continue();
    checks.fail(`a request left this machine: ${route.request().url()}`);
    return route.abort();
  });
  return page;
}

/** Go to a view and wait until the model has decoded. */
async function goto(page, url, hash) {
  await page.goto(`${url}/${hash}`);
  await page.waitForFunction(() => window.__latentia?.ready && window.__latentia.focus.decoded);
}

async function run(name, test) {
  const checks = new Checks(name);
  const pages = [];
  const open = async (hash = '#/', { url = two, ...look } = {}) => {
    const page = await opened(checks, look);
    pages.push(page);
    await goto(page, url, hash);
    return page;
  };
  /** A page of another server, which need not have a model. */
  const bare = async (url, look = {}) => {
    const page = await opened(checks, look);
    pages.push(page);
    await page.goto(url);
    return page;
  };
  const since = Date.now();
  try {
    await test({ open, bare, check: checks, two, six, folder, browser, launched, hasWebGL });
  } catch (error) {
    checks.fail(error.stack ?? String(error));
  }
  for (const page of pages) await page.context().close();
  failed += checks.failures.length;
  passed += checks.passed;
  const seconds = ((Date.now() - since) / 1000).toFixed(1);
  console.log(`${checks.failures.length ? 'FAILED' : 'passed'}  ${name} (${seconds} s)`);
  for (const failure of checks.failures) console.log(`        ${failure}`);
}

try {
  for (const file of readdirSync(here).filter((name) => name.endsWith('.page.mjs')).sort()) {
    const name = file.replace('.page.mjs', '');
    if (given.length && !given.includes(name)) continue;
    const { default: test } = await import(`./${file}`);
    await run(name, test);
  }
  if (!given.length || given.includes('sweep')) {
    for (const [name, url] of [['two', two], ['six', six]]) {
      await run(`sweep of ${name} latents`, (kit) => sweep({ ...kit, url, name, shots }));
    }
  }
} finally {
  await browser.close();
  stop();
}
console.log(`${passed} checks passed, ${failed} failed (${took()})`);
process.exit(failed ? 1 : 0);
