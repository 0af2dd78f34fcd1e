// The least likely: ranked by the ELBO, counted below a threshold, shown on the map and saved.

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

  await page.fill('[data-testid=threshold]', String(Math.round(10 * (elbo[order[30]] - elbo[order[0]])) / 10));
  const { threshold, count, rate } = await seen();
  check.equal(count, elbo.filter((value) => value <= threshold).length, 'how many are below');
  check.close([rate.expected], [(count + 1) / (elbo.length + 1)], 'the expected rate');
  check.ok(rate.low < count / elbo.length && count / elbo.length < rate.high, 'the interval');
  await page.waitForTimeout(300);
  await check.drawn(page, 'unlikely');

  const [saved] = await Promise.all([page.waitForEvent('download'), page.click('[data-testid=csv]')]);
  const lines = readFileSync(await saved.path(), 'utf8').trim().split('\n');
  check.equal(lines.length, count + 1, 'lines of the CSV');
  check.equal(lines[1].split(',')[0], String(order[0]), 'the first of the CSV');

  await page.click('[data-testid=least] button');
  await page.waitForFunction((first) => window.__latentia.focus.example === first, order[0]);
  await page.click('[data-testid=on-map]');
  await page.waitForSelector('[data-testid=drawer]');
  const members = await page.evaluate(() => [...window.__latentia.views['explore/map/selection'].members]);
  check.equal(members.join(), order.slice(0, count).sort((a, b) => a - b).join(), 'selected on the map');
}
