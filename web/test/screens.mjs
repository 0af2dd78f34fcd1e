// Screenshots for the README and the documents: docs/explorer/VIEW-light.png and VIEW-dark.png.
//
//   node test/screens.mjs [VIEW...]
//
// VIEW is the last part of a view's id (`map`); map and latents where none is named. The run is
// pretrained/two-latents, the examples are those that the package carries, so that every machine
// takes the same pictures. PYTHON names the interpreter that has latentia; CHROMIUM the browser.

import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { python, serving } from './served.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = join(root, 'docs/explorer');
const MOST = 250_000; // bytes of one picture

// What is looked at, where it is worth more than what a view begins with.
const LOOKS = { map: 'x=1234', latents: 'x=1234&z=1.1,-0.6' };
// Milliseconds that a view takes to integrate or to decode what it shows.
const PAUSE = { elbo: 15_000, manifold: 6_000 };
const names = process.argv.slice(2).length ? process.argv.slice(2) : Object.keys(LOOKS);

// 256 colours are as many as a calm page has, and a third of the bytes.
const SMALLER = `
import sys
from PIL import Image
path = sys.argv[1]
picture = Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE)
picture.save(path, optimize=True)
`;

async function shot(browser, url, name, theme) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    colorScheme: theme,
    locale: 'en-US',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(`${url}/#/`);
  await page.waitForFunction(() => window.__latentia?.ready);
  const ids = await page.evaluate(() => window.__latentia.ids);
  const id = ids.find((one) => one.split('/').at(-1) === name);
  if (!id) throw new Error(`no view ${name}: there are ${ids.map((one) => one.split('/').at(-1)).join(' ')}`);
  await page.goto(`${url}/#/${id}?${LOOKS[name] ?? 'x=1234'}`);
  await page.waitForFunction(() => window.__latentia.focus.decoded && window.__latentia.focus.nats);
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(PAUSE[name] ?? 1000);
  const path = join(out, `${name}-${theme}.png`);
  await page.screenshot({ path });
  await context.close();
  const { status, stderr } = spawnSync(python, ['-c', SMALLER, path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const { size } = statSync(path);
  console.log(`docs/explorer/${name}-${theme}.png  ${(size / 1000).toFixed(0)} kB`);
  if (size > MOST) throw new Error(`${path} has ${size} bytes, and ${MOST} is the most`);
}

mkdirSync(out, { recursive: true });
const run = join(root, 'pretrained/two-latents');
const { url, child } = await serving(run, '--data', 'mnist5k');
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  for (const path of ['graphs', 'arrays']) await (await fetch(`${url}/page-data/${path}`)).text();
  for (const name of names) for (const theme of ['light', 'dark']) await shot(browser, url, name, theme);
} finally {
  await browser.close();
  child.kill('SIGKILL');
}
