// The least likely: ranked by the ELBO, counted below a threshold, shown on the map and saved; the list
// also has the mean over many draws of z, which is the inspector's.

import { readFileSync } from 'node:fs';

export default async function ({ open, check, two }) {
  const page = await open('#/explore/unlikely');
  await page.waitForFunction(() => window.__latentia.views['explore/unlikely']?.order.length > 0);
  const elbo = new Float32Array(await (await fetch(`${two}/page-data/array/elbo`)).arrayBuffer());
  const seen = () => page.evaluate(() => {
    const { threshold, count, order, rate } = window.__latentia.views['explore/unlikely'];
    return { threshold, count, order: [...order.subarray(0, 10)], rate };
  });
  const order = [...elbo.keys()].sort((a, b) => elbo[a] - elbo[b] || a - b);
  check.equal((await seen()).order.join(), order.slice(0, 10).join(), 'the least likely');

  // From none of them to all, and no bar says another number.
  const slider = page.locator('[data-testid=threshold]');
  const coloured = () => page.locator('rect.out').count();
  await slider.fill('0');
  check.equal((await seen()).count, elbo.filter((value) => value <= Math.floor(10 * elbo[order[0]]) / 10).length, 'how many are below at the left end');
  check.equal(await coloured(), (await seen()).count, 'bars at the left end');
  await slider.press('ArrowRight');
  check.ok((await seen()).count > 0 && (await coloured()) === 1, 'the first bar, of which some are below');
  await slider.press('End');
  check.equal((await seen()).count, elbo.length, 'how many are below at the right end');
  const full = () => page.evaluate(() => [...window.__latentia.views['explore/unlikely'].out].reduce((sum, n) => sum + n, 0));
  check.equal(await full(), elbo.length, 'what the bars say at the right end');

  await page.fill('[data-testid=threshold]', String(Math.round(10 * (elbo[order[30]] - elbo[order[0]])) / 10));
  const { threshold, count, rate } = await seen();
  check.equal(count, elbo.filter((value) => value <= threshold).length, 'how many are below');
  check.close([rate.expected], [(count + 1) / (elbo.length + 1)], 'the expected rate');
  check.ok(rate.low < count / elbo.length && count / elbo.length < rate.high, 'the interval');
  check.equal(await full(), count, 'what the bars say');
  await page.waitForTimeout(300);
  await check.drawn(page, 'unlikely');
  await page.waitForFunction((first) => window.__latentia.views['explore/unlikely'].averaged.some(([place]) => place === first), order[0], { timeout: 60_000 });
  const mean = await page.evaluate((first) => new Map(window.__latentia.views['explore/unlikely'].averaged).get(first), order[0]);
  check.ok((await page.textContent('[data-testid=least] .mean')).includes(mean.toFixed(1).replace('-', '−')), 'the mean in the list');

  const [saved] = await Promise.all([page.waitForEvent('download'), page.click('[data-testid=csv]')]);
  const lines = readFileSync(await saved.path(), 'utf8').trim().split('\n');
  check.equal(lines.length, count + 1, 'lines of the CSV');
  check.equal(lines[1].split(',')[0], String(order[0]), 'the first of the CSV');

  await page.click('[data-testid=least] button');
  await page.waitForFunction((first) => window.__latentia.focus.example === first, order[0]);
  await page.waitForFunction(() => window.__latentia.views.inspector?.error);
  check.close([await page.evaluate(() => window.__latentia.views.inspector.elbo)], [mean], 'the mean of the list and of the inspector');
  await page.click('[data-testid=on-map]');
  await page.waitForSelector('[data-testid=drawer]');
  const members = await page.evaluate(() => [...window.__latentia.views['explore/map/selection'].members]);
  check.equal(members.join(), order.slice(0, count).sort((a, b) => a - b).join(), 'selected on the map');
}
