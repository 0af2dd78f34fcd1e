// Screenshots for the README and the documents: docs/explorer/VIEW-light.png of every view, and
// some that are dark, or of a phone.
//
//   node test/screens.mjs [VIEW...]
//
// VIEW is the last part of a view's id (`map`); all of them where none is named. The runs are those
// in pretrained/ and three that are trained here within seconds, the examples those that the package
// carries, so that every machine takes the same pictures but for times and where a training was
// paused. PYTHON names the interpreter that has latentia; CHROMIUM the browser.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { latentia, python, root, serving, watching } from './served.mjs';

const out = join(root, 'docs/explorer');
const MOST = 250_000; // bytes of one picture
const SIZES = { wide: [1440, 900], phone: [390, 844] };

/** Draw into the pad of `learn/draw`: strokes of points, 0 to 1 of its width and height. */
async function draw(page, strokes) {
  const { x, y, width, height } = await page.locator('[data-testid=pad]').boundingBox();
  for (const [first, ...rest] of strokes) {
    await page.mouse.move(x + first[0] * width, y + first[1] * height);
    await page.mouse.down();
    for (const [a, b] of rest) await page.mouse.move(x + a * width, y + b * height, { steps: 6 });
    await page.mouse.up();
  }
}
const FOUR = [
  [[0.36, 0.2], [0.3, 0.5], [0.66, 0.5]],
  [[0.62, 0.2], [0.6, 0.5], [0.57, 0.84]],
];

// z14 of the twenty, the one that says most, the other way.
const moved = () => {
  const { focus } = window.__latentia;
  focus.z = focus.z.map((value, d) => (d === 13 ? -value : value));
};

/** Leave a quarter of the digit in `learn/posterior`. */
async function erased(page) {
  for (const part of ['lower', 'right']) await page.click(`[data-testid=${part}]`);
}

// What is looked at: of which run (RUNS), in what state, what is done there first, and how tall the
// window is where a view is worth more than 900 pixels.
const LOOKS = {
  flow: { state: 'x=65&flow.said=1', tall: 1010 },
  prior: { state: 'prior.n=100&prior.said=1' },
  'simple-prior': { state: 'simple-prior.strength=1&simple-prior.said=1' },
  sampling: { state: 'x=65&sampling.said=2', tall: 1000 },
  posterior: { state: 'x=1234&posterior.said=1', act: erased, tall: 1120 },
  elbo: { state: 'x=1234&elbo.said=2', tall: 1060 },
  reparameterization: { state: 'x=65&reparameterization.said=2', tall: 1330 },
  kl: { state: 'x=65&kl.said=1', tall: 960 },
  autoencoder: { run: 'pair', state: 'autoencoder.answer=1&autoencoder.a=5&autoencoder.b=26', tall: 1400 },
  manifold: { state: 'x=65&manifold.answer=2', tall: 1080 },
  denoise: { state: 'x=8&denoise.answer=1', tall: 980 },
  collapse: { run: 'twenty', state: 'collapse.answer=0&collapse.beta=4' },
  draw: { state: 'draw.answer=2', act: (page) => draw(page, FOUR), tall: 1140 },
  map: { state: 'x=1234' },
  latents: { run: 'twenty', state: 'x=1234', act: (page) => page.evaluate(moved) },
  conditions: { run: 'given', state: 'x=1234' },
  paths: { state: 'x=65&paths.through=26;65;8;0&paths.at=0.25&paths.steps=17', tall: 1010 },
  attributes: {
    run: 'twenty',
    state: 'x=10&attributes.plus=l9&attributes.minus=l4&attributes.compose=78,218,315',
    act: (page) => page.click('main .strip button:nth-child(5)'),
  },
  unlikely: { run: 'twenty', state: 'x=1234' },
  neighbours: { state: 'x=8' },
  inpaint: { state: 'x=8' },
  groups: { run: 'ladder', state: 'x=10', tall: 1120 },
  compare: { run: 'both', state: 'x=1234', tall: 1145 },
  live: { run: 'live', act: (page) => page.click('[data-testid=pause]'), tall: 1530 },
  curves: { run: 'twenty', tall: 1100 },
  runs: { run: 'both', tall: 1080 },
};
const LIGHT = { theme: 'light', size: 'wide' };
const ALSO = [
  { name: 'map', theme: 'dark', size: 'wide' },
  { name: 'draw', theme: 'light', size: 'phone' },
  { name: 'latents', theme: 'dark', size: 'phone' },
];
const names = process.argv.slice(2).length ? process.argv.slice(2) : Object.keys(LOOKS);
for (const name of names) {
  if (!LOOKS[name]) throw new Error(`no view ${name}: there are ${Object.keys(LOOKS).join(' ')}`);
}

const folder = mkdtempSync(join(tmpdir(), 'latentia-screens-'));
const pretrained = (name) => `pretrained/${name}`;
const known = (name, ...more) => serving(pretrained(name), '--data', 'mnist5k', ...more);
const trained = (name, ...more) => {
  const path = join(folder, name);
  latentia('train', 'mnist5k', '--latent-dim', '2', '--epochs', '20', '--snapshots', '--quiet', '--out', path, ...more);
  return path;
};
const RUNS = {
  two: () => known('two-latents'),
  twenty: () => known('twenty-latents'),
  given: () => known('cvae'),
  ladder: () => known('ladder', '--limit', '200'),
  both: () => known('two-latents', '--with', pretrained('twenty-latents')),
  pair: () => serving(trained('vae'), '--with', trained('ae', '--preset', 'autoencoder')),
  live: () => watching(join(folder, 'live'), '--latent-dim', '10', '--epochs', '30'),
};
const GRAPHLESS = ['ladder', 'live']; // no model is opened in the page
const served = {};
async function opened(run) {
  if (!served[run]) {
    served[run] = await RUNS[run]();
    const { url } = served[run];
    for (const path of ['graphs', 'arrays']) await (await fetch(`${url}/page-data/${path}`)).text();
  }
  return served[run].url;
}

// 256 colours are as many as a calm page has, and a third of the bytes; without `kmeans` the few
// pixels of the accent go under in the greys.
const SMALLER = `
import sys
from PIL import Image
path = sys.argv[1]
picture = Image.open(path).convert("RGB").quantize(256, kmeans=1, dither=Image.Dither.NONE)
picture.save(path, optimize=True)
`;

/** Wait until nothing moves any more, and nothing says that it is being worked on. */
async function settled(page) {
  let [before, same] = [Buffer.alloc(0), 0];
  for (let i = 0; i < 60 && same < 3; i++) {
    await page.waitForTimeout(800);
    const isBusy = await page.evaluate(() => /…\s*$/m.test(document.querySelector('main').innerText));
    const now = await page.screenshot();
    same = !isBusy && now.equals(before) ? same + 1 : 0;
    before = now;
  }
  return same >= 3;
}

async function shot(browser, name, { theme, size }) {
  const { run = 'two', state = '', act, tall } = LOOKS[name];
  const url = await opened(run);
  const [width, height] = SIZES[size];
  const context = await browser.newContext({
    viewport: { width, height: size === 'wide' && tall ? tall : height },
    colorScheme: theme,
    locale: 'en-US',
    reducedMotion: 'reduce',
    deviceScaleFactor: size === 'phone' ? 2 : 1,
  });
  const page = await context.newPage();
  // The page is told whole paths; in a picture they are those of a clone, and not of this machine.
  await page.route(/\/page-data\/(.*\/)?description$/, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replaceAll(root, '') });
  });
  await page.goto(`${url}/#/`);
  await page.waitForFunction((isBare) => window.__latentia && (isBare || window.__latentia.ready), GRAPHLESS.includes(run));
  const ids = await page.evaluate(() => window.__latentia.ids);
  const id = ids.find((one) => one.split('/').at(-1) === name);
  if (!id) throw new Error(`${name} is no view of this run: there are ${ids.join(' ')}`);
  await page.goto(`${url}/#/${id}?${state}`);
  if (run === 'live') {
    await page.waitForFunction(() => window.__latentia.views['train/live']?.rows.length >= 40, { timeout: 120_000 });
  }
  await page.waitForLoadState('networkidle').catch(() => {});
  await act?.(page);
  await page.mouse.move(0, 0);
  await page.evaluate(() => document.activeElement?.blur());
  const isStill = await settled(page);
  const path = join(out, `${name}-${size === 'phone' ? 'phone' : theme}.png`);
  await page.screenshot({ path });
  await context.close();
  const { status, stderr } = spawnSync(python, ['-c', SMALLER, path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const bytes = statSync(path).size;
  console.log(`${path.slice(root.length)}  ${(bytes / 1000).toFixed(0)} kB${isStill ? '' : ', not settled'}`);
  if (bytes > MOST) throw new Error(`${path} has ${bytes} bytes, and ${MOST} is the most`);
}

mkdirSync(out, { recursive: true });
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  for (const name of names) {
    for (const look of [LIGHT, ...ALSO.filter((one) => one.name === name)]) await shot(browser, name, look);
  }
} finally {
  await browser.close();
  for (const { child } of Object.values(served)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
