// What is selected of a table with missing cells, and of colour pictures without labels: mean and deviation are of
// what is there, in the unit of the data; pictures wear their colours, and none is cut by the edge of the map.

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { latentia, python, serving } from './served.mjs';

const SMALL = ['--latent-dim', '2', '--epochs', '1', '--network.hidden', '16', '--compile', 'no', '--quiet'];
const PICTURES = `
import sys
import numpy as np
rng = np.random.default_rng(0)
ground = rng.integers(0, 256, (600, 1, 1, 3))
np.save(sys.argv[1], np.clip(ground + rng.integers(-40, 41, (600, 12, 12, 3)), 0, 255).astype(np.uint8))
`;

/** 400 rows of two columns with holes and one far from zero, by a generator of 32 bits. */
function table() {
  let state = 7;
  const uniform = () => (state = (1664525 * state + 1013904223) >>> 0) / 2 ** 32;
  const rows = Array.from({ length: 400 }, (_, i) => {
    const [u, v] = [uniform(), uniform()];
    return [20 + 50 * u, 3 * u + v, 1.7e9 + 9e4 * v].map((cell, d) => (d < 2 && (3 * i + d) % 7 === 0 ? '' : cell.toFixed(3))).join();
  });
  return ['age,height,seconds', ...rows].join('\n');
}

/** Mean and deviation of the columns of all examples, over the cells that there are. */
async function moments(url, size) {
  const { examples } = await (await fetch(`${url}/page-data/description`)).json();
  const at = Array.from({ length: examples.count }, (_, i) => i).join();
  const x = new Float32Array(await (await fetch(`${url}/page-data/examples?at=${at}`)).arrayBuffer());
  return Array.from({ length: size }, (_, d) => {
    const column = [...x].filter((value, i) => i % size === d && !Number.isNaN(value));
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    return [mean, Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length)];
  });
}

/** The map with all examples selected. */
async function selected(open, url) {
  const page = await open('#/explore/map', { url });
  await page.click('[data-testid=select]');
  await page.click('[data-testid=invert]');
  await page.waitForFunction(() => window.__latentia.views['explore/map/selection']?.moments);
  return page;
}
const found = (page) => page.evaluate(() => {
  const { mean, deviation } = window.__latentia.views['explore/map/selection'].moments;
  return { mean: [...mean], deviation: [...deviation] };
});

async function cells(open, check, url) {
  const page = await selected(open, url);
  const wanted = await moments(url, 3);
  const { mean, deviation } = await found(page);
  check.close(mean, wanted.map(([one]) => one), 'means of the cells that are there');
  check.close(deviation, wanted.map(([, one]) => one), 'deviations of the cells that are there');
  // What was taken from a column far from zero is no part of its deviation.
  const offset = await page.evaluate(() => window.__latentia.page.description.x.offset);
  check.ok(offset[2] > 1e9, `no column is held as differences: ${offset}`);
  const said = await page.$$eval('[data-testid=drawer] figure:nth-child(2) td', (all) => all.map((one) => Number(one.textContent)));
  check.close(said, wanted.map(([, one]) => one), 'deviations as they are written', 1e-2);
  check.ok((await page.textContent('[data-testid=drawer]')).includes('Missing cells are left out'), 'what was left out is not said');
  await check.accessible(page, 'the selected rows');
}

async function pictures(open, check, url) {
  const page = await selected(open, url);
  const { deviation } = await found(page);
  const wanted = (await moments(url, 432)).map(([, one]) => one);
  check.close(deviation, wanted, 'deviations of the pixels');
  check.equal(await page.textContent('[data-testid=deviation]'), `deviation · to ${(255 * Math.max(...wanted)).toFixed(1)} of 255`, 'the largest deviation');
  const narrowest = await page.$$eval('[data-testid=drawer] .thumbs button', (all) => Math.min(...all.map((one) => one.getBoundingClientRect().width)));
  check.ok(narrowest >= 24, `members are ${narrowest} px wide`);
  await page.click('[data-testid=clear]');
  await page.click('[data-testid=select]');

  // All are drawn as pictures, of which none is cut.
  await page.waitForFunction(() => window.__latentia.views['explore/map'].few > 30);
  await page.waitForTimeout(500);
  const { points, camera, few } = await page.evaluate(() => {
    const { points, camera, few } = window.__latentia.views['explore/map'];
    return { points: [...points], camera, few };
  });
  const { width, height } = await page.locator('[data-testid=scatter]').boundingBox();
  const scale = Math.min(width, height) / 2 / camera.half;
  const side = Math.min(64, Math.max(26, Math.sqrt((0.45 * width * height) / few)));
  const far = Math.max(...points.map(Math.abs).filter((one) => one < camera.half));
  check.ok(far * scale + side / 2 <= Math.min(width, height) / 2, `a picture ${(far * scale).toFixed()} px from the middle is cut`);
  // Their colours are to be seen.
  const drawn = () => page.$eval('[data-testid=thumbnails]', (canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, value, i) => (31 * sum + value * (i % 4 ? 1 : 7)) >>> 0, 0);
  });
  const colours = [];
  for (const colour of ['elbo', 'kl', 'none']) {
    await page.selectOption('[data-testid=colour]', colour);
    await page.waitForTimeout(400);
    colours.push(await drawn());
  }
  check.equal(new Set(colours).size, 3, 'pictures that look otherwise by each colour');
  await check.drawn(page, 'colour pictures');
}

export default async function ({ open, check, folder }) {
  const place = join(folder, 'selected');
  mkdirSync(place);
  writeFileSync(join(place, 'rows.csv'), table());
  const made = spawnSync(python, ['-c', PICTURES, join(place, 'colours.npy')], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  const [rows, colours] = [join(place, 'rows'), join(place, 'colours')];
  latentia('train', join(place, 'rows.csv'), '--out', rows, ...SMALL);
  // A prior that is no N(0, I) leaves no room about the points for its rings.
  latentia('train', join(place, 'colours.npy'), '--out', colours, '--network', 'mlp', '--prior', 'mixture', ...SMALL);
  const served = await Promise.all([serving(rows), serving(colours)]);
  try {
    for (const { url } of served) for (const one of ['graphs', 'arrays']) await (await fetch(`${url}/page-data/${one}`)).text();
    await cells(open, check, served[0].url);
    await pictures(open, check, served[1].url);
  } finally {
    for (const { child } of served) child.kill('SIGKILL');
  }
}
