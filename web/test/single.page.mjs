// The template as one file: filled with the bytes that are served, opened from disk, offline.

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const built = fileURLToPath(new URL('../../src/latentia/explorer/page/', import.meta.url));

async function filled(url) {
  const bytes = async (path) => Buffer.from(await (await fetch(`${url}/page-data/${path}`)).arrayBuffer());
  const { examples, sheets } = JSON.parse(await bytes('description'));
  const heads = JSON.parse(await bytes('arrays'));
  const every = Array.from({ length: examples.count }, (_, i) => i).join();
  const paths = {
    ...Object.fromEntries(
      ['description', 'graphs', 'graph/encoder.onnx', 'graph/decoder.onnx', 'arrays', 'metrics'].map(
        (path) => [path, path],
      ),
    ),
    ...Object.fromEntries(heads.map(({ name }) => [`array/${name}`, `array/${name}`])),
    ...Object.fromEntries(
      Array.from({ length: sheets.sheets }, (_, i) => [`sheet/${i}.png`, `sheet/${i}.png`]),
    ),
    examples: `examples?at=${every}`,
    drawn: `examples?at=${every}&drawn=1`,
  };
  const blocks = [];
  const add = (name, content) =>
    blocks.push(
      `<script type="text/plain" id="latentia:${name}">${gzipSync(content, { level: 1 }).toString('base64')}</script>`,
    );
  for (const [name, path] of Object.entries(paths)) add(name, await bytes(path));
  const wasm = readdirSync(join(built, 'assets')).find((name) => name.endsWith('.wasm'));
  add('wasm', readFileSync(join(built, 'assets', wasm)));
  const template = readFileSync(join(built, 'single.html'), 'utf8');
  const end = template.lastIndexOf('</body>');
  return `${template.slice(0, end)}${blocks.join('\n')}\n${template.slice(end)}`;
}

export default async function ({ open, check, browser, two }) {
  const file = join(tmpdir(), `latentia-single-${process.pid}.html`);
  const seen = [];
  const page = await (async () => {
    writeFileSync(file, await filled(two));
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, offline: true });
    const found = await context.newPage();
    check.watch(found);
    found.on('request', (request) => seen.push(request.url()));
    await found.goto(`file://${file}#/explore/map?x=7`);
    await found.waitForFunction(
      () => window.__latentia?.ready && window.__latentia.focus.decoded && window.__latentia.focus.nats,
    );
    return found;
  })();
  try {
    await page.waitForTimeout(400);
    await check.drawn(page, 'the map of one file');
    const away = seen.filter((url) => !/^(file|blob|data):/.test(url));
    check.ok(!away.length, `one file asked for ${away}`);

    const numbers = (one) =>
      one.evaluate(() => {
        const { focus } = window.__latentia;
        return [...focus.decoded.shown, ...focus.x, focus.nats.elbo, ...focus.z];
      });
    const served = await open('#/explore/map?x=7');
    await served.waitForFunction(() => window.__latentia.focus.nats && window.__latentia.focus.x);
    check.close(await numbers(page), await numbers(served), 'one file beside the served page');
    const drawn = (one) =>
      one.evaluate(async () => [...(await window.__latentia.page.source.examples([3, 7], true))]);
    check.close(await drawn(page), await drawn(served), 'drawn examples of one file');
  } finally {
    await page.context().close();
    rmSync(file, { force: true });
  }
}
