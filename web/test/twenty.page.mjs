// What only a run of twenty latents and sixty epochs shows: a walk where few draws are effective,
// what lies outside of curves, numbers as long as they get.

import { join } from 'node:path';
import { root, serving } from './served.mjs';

export default async function ({ open, check }) {
  const run = join(root, 'pretrained/twenty-latents');
  const { url, child } = await serving(run, '--data', 'mnist5k', '--limit', '24');
  try {
    await walked(open, check, url);
    await fitting(open, check, url);
  } finally {
    child.kill('SIGKILL');
  }
}

/** Few draws are effective, and a walk spreads the completions out. */
async function walked(open, check, url) {
  const page = await open('#/explore/inpaint?x=10', { url });
  const state = () => page.evaluate(() => {
    const { found, share } = window.__latentia.views['explore/inpaint'];
    return { z: [...found.z], effective: found.effective, share };
  });
  // A walk ends where another answer comes, as some do while the page is still being opened.
  const rested = () => page.waitForFunction(() => {
    const found = window.__latentia?.views['explore/inpaint']?.found;
    if (found !== window.before) [window.before, window.since] = [found, performance.now()];
    return found && performance.now() - window.since > 800;
  });
  await rested();
  const drawn = await state();
  check.ok(drawn.effective < 20, `${drawn.effective} draws are effective`);
  const said = async () => (await page.textContent('[data-testid=evidence]')) + (await page.textContent('[data-testid=few]'));
  const few = await said();
  check.ok(/^−\d+ nats.*too low.*mean/s.test(few), `of few draws it says: ${few}`);
  await page.click('[data-testid=walk]');
  await page.waitForFunction(() => window.__latentia.views['explore/inpaint'].share !== undefined);
  const { z, share } = await state();
  check.ok(share > 0.15 && share < 0.5, `${share} of the moves were accepted`);
  const places = new Set(Array.from({ length: 8 }, (_, i) => z.slice(20 * i, 20 * i + 20).join()));
  check.equal(places.size, 8, 'completions that differ after the walk');
  const after = await said();
  check.ok(/^−\d+ nats.*too low.*mean.*walk/s.test(after), `after the walk it says: ${after}`);
  // The same seed walks the same way.
  await page.reload();
  await rested();
  await page.click('[data-testid=walk]');
  await page.waitForFunction(() => window.__latentia.views['explore/inpaint'].share !== undefined);
  check.close((await state()).z, z, 'z after the same walk');
}

/** Words stand beside the lines and within their column. */
async function fitting(open, check, url) {
  const page = await open('#/train/curves?x=10', { url });
  await page.waitForSelector('[data-testid=outside-below]');
  const covered = await page.$$eval('figure:has([data-testid^=outside-])', (all) => all.filter((one) => {
    const [words, plot] = ['[data-testid^=outside-]', 'svg'].map((name) => one.querySelector(name).getBoundingClientRect());
    return words.bottom > plot.top || words.right > one.getBoundingClientRect().right;
  }).map((one) => one.textContent));
  check.equal(covered.join(), '', 'what is outside is said over the plot');

  await page.goto(`${url}/#/explore/map?x=10`);
  await page.waitForSelector('[data-testid=bound]');
  const over = await page.evaluate(() => {
    const bound = document.querySelector('[data-testid=bound]');
    // As of an x that is badly told: every number has its three digits.
    bound.querySelectorAll('dd').forEach((one) => {
      const walker = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) walker.currentNode.data = walker.currentNode.data.replace(/\d+\.\d+/, '188.88');
    });
    const { right } = bound.getBoundingClientRect();
    return [...bound.querySelectorAll('dd, small')].filter((one) => {
      const range = document.createRange();
      range.selectNodeContents(one);
      return range.getBoundingClientRect().right > right + 0.5;
    }).length;
  });
  check.equal(over, 0, 'numbers past the edge of the inspector');
}
