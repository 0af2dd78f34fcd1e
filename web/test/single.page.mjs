// The page as one file, as `latentia export --html` writes it: opened from disk, offline, and in the
// frame that holds it in a notebook's cell.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { copied } from './copied.page.mjs';
import { latentia } from './served.mjs';

const EXAMPLES = 40;
const PLACE = 7;
const widget = fileURLToPath(new URL('../../src/latentia/explorer/widget.js', import.meta.url));
const ready = () => window.__latentia?.ready && window.__latentia.focus.decoded && window.__latentia.focus.nats;
const look = { viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' };

const numbers = (page) =>
  page.evaluate(() => {
    const { focus } = window.__latentia;
    const { elbo, reconstruction, kl } = focus.nats;
    return [...focus.decoded.shown, ...focus.x, ...focus.q.mean, elbo, reconstruction, kl, ...focus.z];
  });

export default async function ({ open, check, browser, two, folder }) {
  const file = join(folder, 'shared.html');
  latentia('export', join(folder, 'two'), '--html', file, '--examples', EXAMPLES, '--quiet');

  // From disk, without a network.
  const offline = await browser.newContext({ ...look, offline: true });
  const page = await offline.newPage();
  const seen = [];
  check.watch(page);
  page.on('request', (request) => seen.push(request.url()));
  await page.goto(`file://${file}#/explore/map?x=${PLACE}`);
  await page.waitForFunction(ready);
  await page.waitForTimeout(400);
  await check.drawn(page, 'the map of one file');
  const found = await page.evaluate(async (place) => {
    const { description, array } = window.__latentia.page;
    const { data } = await window.__latentia.page.array('row');
    return { count: description.examples.count, run: description.run, row: data[place] };
  }, PLACE);
  check.equal(found.count, EXAMPLES, 'examples of one file');
  check.equal(found.run, 'two', 'the run of one file');

  // The same example of the served page has the same numbers: x, q, E[x|z] and the nats.
  const rows = new Int32Array(await (await fetch(`${two}/page-data/array/row`)).arrayBuffer());
  const place = rows.indexOf(found.row);
  const served = await open(`#/explore/map?x=${place}`);
  await served.waitForFunction(ready);
  const wanted = await numbers(served);
  check.close(await numbers(page), wanted, 'one file beside the served page');
  const drawn = (one, at) =>
    one.evaluate(async (at) => [...(await window.__latentia.page.source.examples([at], true))], at);
  check.close(await drawn(page, PLACE), await drawn(served, place), 'drawn examples of one file');

  // What a view decodes for itself.
  await page.evaluate(() => window.__latentia.state.go('explore/latents', { z: '0.5,-1' }));
  await page.waitForTimeout(400);
  await check.drawn(page, 'the latents of one file');
  const moved = await page.evaluate(() => [...window.__latentia.focus.decoded.shown]);
  const asked = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const body = JSON.stringify({ z: [[0.5, -1]] });
  const python = await (await fetch(`${two}/v1/decode`, { ...asked, body })).json();
  check.close(moved, python.x.flat(2), 'E[x|z] of one file');

  // Every view has what it wants in the file, or says what it lacks in its own place.
  for (const id of await page.evaluate(() => window.__latentia.ids)) {
    await page.evaluate((id) => window.__latentia.state.go(id), id);
    await page.waitForTimeout(250);
    check.equal(await page.locator('[data-testid=trouble]').count(), 0, `trouble in ${id} of one file`);
  }
  await page.evaluate(() => window.__latentia.state.go('explore/compare'));
  const alone = await page.textContent('[data-testid=alone]');
  check.ok(alone.includes('A file holds one run') && !alone.includes('--with'), `how two runs are opened from a file: ${alone}`);
  // What is copied says no folder of this machine: the file's name with the place, and where a path is to be put.
  await page.evaluate(() => {
    navigator.clipboard.writeText = async (text) => (window.copied = text);
    window.__latentia.state.go('explore/latents');
  });
  await page.click('[data-testid=link]');
  await page.waitForFunction(() => window.copied);
  const link = await page.evaluate(() => window.copied);
  check.ok(link.startsWith('shared.html#/explore/latents?'), `a link to a place of one file: ${link}`);
  check.ok((await page.getAttribute('[data-testid=link]', 'title')).includes("file's name"), 'what is said of such a link');
  const code = await copied(page);
  check.ok(code.includes('lt.load("two")  # put the path of this run here'), `Python of one file: ${code}`);
  const away = seen.filter((url) => !/^(file|blob|data):/.test(url));
  check.ok(!away.length, `one file asked for ${away}`);
  await offline.close();

  // In a cell: anywidget gives the module an element and a model with bytes.
  const notebook = await browser.newContext(look);
  const cell = await notebook.newPage();
  check.watch(cell);
  const parts = {
    '/': ['text/html', '<!doctype html><title>A notebook</title><base href="/lab/"><div id="cell"></div>'],
    '/widget.js': ['text/javascript', readFileSync(widget)],
    '/page': ['application/octet-stream', gzipSync(readFileSync(file), { level: 1 })],
  };
  await cell.route('http://127.0.0.1:9/**', (route) => {
    const part = parts[new URL(route.request().url()).pathname];
    if (!part) check.fail(`the cell asked for ${route.request().url()}`);
    return part ? route.fulfill({ contentType: part[0], body: part[1] }) : route.abort();
  });
  await cell.goto('http://127.0.0.1:9/');
  await cell.evaluate(async () => {
    const { default: module } = await import('/widget.js');
    const bytes = await (await fetch('/page')).arrayBuffer();
    const traits = { page: new DataView(bytes), height: 640 };
    const model = { get: (name) => traits[name], on: () => {}, off: () => {} };
    window.left = await module.render({ model, el: document.getElementById('cell') });
  });
  const frame = await (await cell.waitForSelector('iframe')).contentFrame();
  await frame.waitForFunction(() => window.__latentia?.ready);
  await frame.evaluate((x) => window.__latentia.focus.pin(x), PLACE);
  await frame.waitForFunction(ready);
  await frame.waitForFunction((z) => window.__latentia.focus.decoded.z[0] === Math.fround(z), wanted.at(-2));
  check.close(await numbers(frame), wanted, 'a cell beside the served page');
  check.equal(await frame.evaluate(() => innerHeight), 640, 'the height of the cell');
  check.ok(await frame.isDisabled('[data-testid=link]'), 'a link to a cell');
  await frame.evaluate(() => window.__latentia.state.go('explore/latents'));
  await frame.waitForFunction(() => location.hash.startsWith('#/explore/latents'));
  await cell.evaluate(() => window.left());
  check.equal(await cell.locator('iframe').count(), 0, 'frames after the cell is left');
  await notebook.close();
}
