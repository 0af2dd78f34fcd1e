// Neighbours: by distance and by KL they are those of a search by hand.

export default async function ({ open, check, six }) {
  const page = await open('#/explore/neighbours?x=4', { url: six });
  await page.waitForFunction(() => window.__latentia.views['explore/neighbours']?.index.length && window.__latentia.focus.q);
  await page.waitForTimeout(300);
  const get = async (name) => new Float32Array(await (await fetch(`${six}/page-data/array/${name}`)).arrayBuffer());
  const [mean, sd] = [await get('mean'), await get('deviation')];
  const ranked = (away) => {
    const all = Array.from({ length: mean.length / 6 }, (_, i) => [away(6 * i, 24), i]).filter(([, i]) => i !== 4);
    return all.sort((a, b) => a[0] - b[0]).slice(0, 24);
  };
  const over = (term) => (i, j) => [0, 1, 2, 3, 4, 5].reduce((sum, d) => sum + term(i + d, j + d), 0);
  const seen = () => page.evaluate(() => window.__latentia.views['explore/neighbours']);

  const euclid = ranked((i, j) => Math.sqrt(over((a, b) => (mean[a] - mean[b]) ** 2)(i, j)));
  const first = await seen();
  check.equal(first.index.join(), euclid.map(([, i]) => i).join(), 'the nearest');
  check.close(first.distance, euclid.map(([away]) => away), 'their distances');

  await page.click('[data-testid=by] [data-value=kl]');
  await page.waitForFunction(() => window.__latentia.views['explore/neighbours'].isKl);
  const kl = ranked(over((k, q) => Math.log(sd[k] / sd[q]) + (sd[q] ** 2 + (mean[q] - mean[k]) ** 2) / (2 * sd[k] ** 2) - 0.5));
  const second = await seen();
  check.close(second.distance, kl.map(([away]) => away), 'KL in nats');
  check.equal(second.index.join(), kl.map(([, i]) => i).join(), 'the nearest by KL');
  await page.waitForTimeout(300);
  await check.drawn(page, 'neighbours');
  await page.click('[data-testid=near] button');
  await page.waitForFunction((first) => window.__latentia.focus.example === first, kl[0][1]);

  // However many labels they have, their counts add up.
  const many = await open('#/explore/neighbours?neighbours.count=96', { url: six });
  await many.waitForSelector('.tally .number');
  const { index } = await many.evaluate(() => window.__latentia.views['explore/neighbours']);
  const label = new Int32Array(await (await fetch(`${six}/page-data/array/label`)).arrayBuffer());
  const labels = new Set(index.map((i) => label[i]));
  check.ok(labels.size > 7, `only ${labels.size} labels`);
  const counts = await many.$$eval('.tally .number', (all) => all.map((one) => Number(one.textContent)));
  check.equal(counts.reduce((sum, n) => sum + n, 0), index.length, 'the counts of the labels');
}
