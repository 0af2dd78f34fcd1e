// A table with missing cells, a long name of a column and long labels: rows can be told apart, nothing
// overlaps, and what is asked is asked of cells. Undo takes a held key as one step.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { latentia, serving } from './served.mjs';

const LONG = 'the_average_number_of_visits_to_the_clinic_during_the_last_twelve_months';

/** 300 rows whose cells miss here and there, by a generator of 32 bits. */
function table() {
  let state = 1;
  const uniform = () => (state = (1664525 * state + 1013904223) >>> 0) / 2 ** 32;
  const rows = Array.from({ length: 300 }, (_, i) => {
    const [u, v, k] = [uniform(), uniform(), Math.floor(4 * uniform())];
    const cells = [20 + 50 * u, 3e4 + 6e4 * v, 10 * u * v, 150 + 40 * v + 5 * uniform()];
    const said = cells.map((cell, d) => ((7 * i + d) % 11 === 0 ? '' : cell.toFixed(3)));
    return [...said, `class_${k}_with_a_rather_long_name`].join(',');
  });
  return [`age,income,${LONG},height,label`, ...rows].join('\n');
}

/** Names of tables and chips whose text lies outside of what holds them, or over another cell. */
const overlapping = () => {
  const found = [];
  for (const row of document.querySelectorAll('table.lines tr, .row .cell, .row .head')) {
    const cells = [...row.children].map((cell) => cell.getBoundingClientRect());
    const box = (row.closest('aside, figure, .row, section, main') ?? row).getBoundingClientRect();
    cells.forEach((cell, i) => {
      if (i && cells[i - 1].right > cell.left + 1) found.push(`over another: ${row.textContent}`);
      if (cell.right > box.right + 1) found.push(`outside: ${row.textContent}`);
    });
    const value = row.querySelector('td:last-child, .number:last-child');
    if (value && value.scrollWidth > value.clientWidth + 1) found.push(`cut: ${row.textContent}`);
  }
  const wide = document.documentElement.scrollWidth - innerWidth;
  return wide > 0 ? [...found, `${wide} px sideways`] : found;
};

export default async function ({ open, check, folder, two }) {
  const place = join(folder, 'tables');
  mkdirSync(place);
  writeFileSync(join(place, 'rows.csv'), table());
  const run = join(place, 'run');
  latentia('train', join(place, 'rows.csv'), '--out', run, ...['--latent-dim', '2', '--epochs', '2', '--network.hidden', '16', '--quiet']);
  const { url, child } = await serving(run);
  try {
    // Graphs and arrays are made once; no page should have to wait for them within its time.
    for (const made of ['graphs', 'arrays']) await (await fetch(`${url}/page-data/${made}`)).text();
    for (const size of ['laptop', 'phone']) {
      for (const view of ['learn/flow', 'learn/prior', 'learn/sampling', 'explore/attributes', 'explore/paths']) {
        const page = await open(`#/${view}?x=1`, { url, size });
        await page.waitForSelector('.row .cell .number, table.lines td');
        check.equal((await page.evaluate(overlapping)).join('; '), '', `${view} on the ${size}`);
        await page.close();
      }
    }

    const page = await open('#/learn/posterior?x=0', { url });
    const example = await page.waitForSelector('[data-testid=example-0] .cell');
    const said = await (await page.$('[data-testid=example-0]')).getAttribute('title');
    check.ok(said.includes(LONG) && said.includes('income'), `the title has not the whole row: ${said}`);
    check.ok((await example.textContent()).length > 3, 'a row has no cells');
    check.equal(await page.$$eval('main h2, main .question', (all) => all.filter((one) => /pixel/.test(one.textContent)).length), 0, 'pixels of a table');
    // A cell that is missing can be left out no more.
    const missing = await page.evaluate(() => [...window.__latentia.views['learn/posterior'].x].map(Number.isNaN));
    const offered = await page.$$eval('.column input', (all) => all.map((one) => one.disabled));
    check.equal(String(offered), String(missing), 'what can be left out no more');
    await check.accessible(page, 'the posterior of a table');
    await page.close();
    const origin = await open('#/explore/attributes', { url });
    await origin.waitForFunction(() => window.__latentia.views['explore/attributes']?.start);
    check.ok(!(await origin.textContent('[data-testid=from]')).includes('…'), 'the origin of a table waits for ever');
    await origin.close();
    await units(open, check, url);
    await gaps(open, check, url);
  } finally {
    child.kill('SIGKILL');
  }

  // The ELBO: x is there before anything is integrated, and handles of a narrow q are apart.
  const elbo = await open('#/learn/elbo?x=7&elbo.q=7,0.2,-0.3,0.01,0.01,0.3', { url: two });
  await elbo.waitForSelector('[data-testid=handle-angle]', { timeout: 60_000 });
  const boxes = await elbo.$$eval('[data-plane] button', (all) =>
    all.map((one) => {
      const { left, top, width } = one.getBoundingClientRect();
      return [left + width / 2, top + width / 2];
    }),
  );
  check.equal(boxes.length, 4, 'handles');
  const apart = boxes.flatMap(([x, y], i) => boxes.slice(0, i).map(([u, v]) => Math.hypot(x - u, y - v)));
  check.ok(Math.min(...apart) > 32, `handles ${Math.min(...apart).toFixed(1)} px apart`);

  // A key that is held is one step.
  const latents = await open('#/explore/latents?x=3', { url: two });
  await latents.focus('[data-testid=z1] input, input[data-testid=z1]');
  const before = await latents.evaluate(() => window.__latentia.focus.z[0]);
  for (let i = 0; i < 12; i++) await latents.keyboard.press('ArrowRight');
  const after = await latents.evaluate(() => window.__latentia.focus.z[0]);
  check.ok(after > before, 'a key moves no latent');
  await latents.keyboard.press('Control+z');
  check.close([await latents.evaluate(() => window.__latentia.focus.z[0])], [before], 'z after an undo');
}

/** Rows with gaps are told of where rows are ranked, and can be ranked by the cells that are there. */
async function gaps(open, check, url) {
  const array = async (name) => new Float32Array(await (await fetch(`${url}/page-data/array/${name}`)).arrayBuffer());
  const elbo = await array('elbo');
  const at = [...elbo.keys()];
  const x = new Float32Array(await (await fetch(`${url}/page-data/examples?at=${at.join(',')}`)).arrayBuffer());
  const size = x.length / elbo.length;
  const cells = at.map((i) => [...x.subarray(size * i, size * (i + 1))].filter((value) => !Number.isNaN(value)).length);
  check.equal([...(await array('cells'))].join(), cells.join(), 'the cells that are there');

  const page = await open('#/explore/unlikely', { url });
  await page.waitForSelector('[data-testid=gaps]');
  const missing = cells.filter((n) => n < size).length;
  check.ok((await page.textContent('[data-testid=gaps]')).startsWith(`${missing} of ${elbo.length} rows`), 'how many rows have gaps');
  await page.click('[data-testid=by] [data-value=cell]');
  await page.waitForFunction(() => window.__latentia.state.entry('unlikely.by') === 'cell');
  const { order, scores, count, threshold } = await page.evaluate(() => {
    const { order, scores, count, threshold } = window.__latentia.views['explore/unlikely'];
    return { order: [...order], scores: [...scores], count, threshold };
  });
  const wanted = at.map((i) => elbo[i] / cells[i]);
  check.close(scores, wanted, 'the ELBO per cell', 1e-6);
  check.equal(order.join(), at.sort((i, k) => wanted[i] - wanted[k] || i - k).join(), 'the order by it');
  check.equal(count, wanted.filter((value) => value <= threshold).length, 'how many are below by it');
  check.ok(count > 0 && count < 0.1 * elbo.length, `${count} are below where nothing is said`);
  await check.accessible(page, 'the unlikely of a table');
  await page.close();
}

/** A path through a table is measured by the deviations of its columns, for their units are not of one kind. */
async function units(open, check, url) {
  const page = await open('#/explore/paths?x=1', { url });
  await page.waitForFunction(() => window.__latentia.views['explore/paths']?.told);
  const { long, told, count } = await page.evaluate(() => {
    const { page, views } = window.__latentia;
    const { long, told } = views['explore/paths'];
    return { long: [...long], told, count: page.description.examples.count };
  });
  const at = Array.from({ length: Math.min(256, count) }, (_, i) => i);
  const x = new Float32Array(await (await fetch(`${url}/page-data/examples?at=${at.join(',')}`)).arrayBuffer());
  const size = x.length / at.length;
  const deviations = Array.from({ length: size }, (_, d) => {
    const column = [...x].filter((value, i) => i % size === d && !Number.isNaN(value));
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    return Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length);
  });
  const distance = (i, k) => Math.hypot(...deviations.map((sd, d) => (long[size * i + d] - long[size * k + d]) / sd));
  const last = long.length / size - 1;
  check.close([told.straight], [distance(0, last)], 'the straight line in deviations');
  check.close(told.each, Array.from({ length: last }, (_, i) => distance(i, i + 1)), 'how fast x changes, in deviations');
  check.ok((await page.textContent('main figcaption')).includes(`first ${at.length} examples`), 'it does not say how x is measured');
  await page.close();
}
