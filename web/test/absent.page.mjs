// A run of a table, and the same where its data are gone: dots where there are no pictures, and no error.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { latentia, serving } from './served.mjs';

export default async function ({ bare, check, folder }) {
  const [file, run] = [join(folder, 'table.csv'), join(folder, 'table')];
  const row = (i) => [Math.sin(i), Math.cos(3 * i), (i % 7) - 3].map((v) => (i % 11 ? v.toFixed(3) : '')).join(',');
  const rows = `a,b,c,kind\n${Array.from({ length: 120 }, (_, i) => `${row(i + 1)},${i % 2 ? 'odd' : 'even'}`).join('\n')}\n`;
  writeFileSync(file, rows);
  latentia('train', file, '--out', run, '--latent-dim', '2', '--epochs', '2', '--compile', 'no', '--quiet');

  const here = await serving(run);
  try {
    const page = await bare(`${here.url}/#/learn/prior`);
    await look(page, check);
    await page.goto('about:blank'); // which asks for nothing more
  } finally {
    here.child.kill('SIGKILL');
  }

  rmSync(file);
  const gone = await serving(run);
  try {
    const page = await bare(`${gone.url}/#/learn/posterior?x=3`);
    await withoutData(page, check, file);

    // A view that wants the data says so, and once they are back they are looked for by a button.
    await page.evaluate(() => (location.hash = '#/explore/unlikely'));
    await page.waitForSelector('[data-testid=absent] li');
    check.ok((await page.textContent('[data-testid=absent]')).includes('the data'), 'what the view lacks');
    await page.click('[data-testid=look]');
    await page.waitForFunction(() => document.querySelector('[data-testid=missing] [role=status]')?.textContent.includes('still'));
    writeFileSync(file, rows);
    await page.click('[data-testid=look]');
    await page.waitForFunction(() => window.__latentia?.ids.includes('explore/unlikely'));
    check.equal(await page.textContent('h1'), 'Unlikely', 'the view that is had in the end');
    await page.goto('about:blank');
  } finally {
    gone.child.kill('SIGKILL');
  }
}

export async function look(page, check) {
  await page.waitForSelector('[data-testid=plane] canvas:not([data-empty])');
  await check.drawn(page, 'dots of the prior');
}

export async function withoutData(page, check, file) {
  await page.waitForFunction(() => window.__latentia?.ready && !location.hash.includes('x='));
  for (const id of await page.evaluate(() => window.__latentia.ids)) {
    await page.evaluate((to) => (location.hash = `#/${to}?x=3`), id);
    await page.waitForSelector('main h1');
    await page.waitForTimeout(300);
  }
  await page.evaluate(() => window.__latentia.state.go('explore/map'));
  const said = await page.textContent('[data-testid=missing]');
  check.ok(said.includes(file) && said.includes('--data FILE'), `the map says: ${said}`);
  const tall = await page.evaluate(() => {
    const [said, map] = ['[data-testid=missing]', '.map'].map((one) => document.querySelector(one).getBoundingClientRect());
    return said.bottom <= map.top;
  });
  check.ok(tall, 'what is missing lies over the map');
  check.ok(!(await page.isVisible('[data-testid=missing] details p')), 'the long why stands open');
  check.equal(await page.inputValue('[data-testid=colour]'), 'none', 'the colour of nothing');
}
