// The groups of a ladder: what the page shows is what the Python that it copies gives.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { python, root, serving } from './served.mjs';

const VIEW = 'explore/groups';
const LIMIT = 24;

export default async function ({ open, check }) {
  const { url, child } = await serving(join(root, 'pretrained/ladder'), '--data', 'mnist5k', '--limit', String(LIMIT));
  try {
    await looked(open, check, url);
  } finally {
    child.kill('SIGKILL');
  }
}

async function looked(open, check, url) {
  const page = await open(`#/${VIEW}?x=5&groups.rest=drawn&groups.t=0.8&groups.seed=3&groups.group=2&groups.below=follow`, { url });
  const all = () => window.__latentia.views['explore/groups'];
  await page.waitForFunction(() => {
    const seen = window.__latentia.views['explore/groups'];
    return seen?.first.length === 9 * 784 && seen.anew.length === 8 * 784 && seen.kl;
  });
  const copied = async () => {
    await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', {
      configurable: true,
      value: { writeText: async (text) => (window.copied = text) },
    }));
    await page.click('main .controls button.quiet');
    await page.waitForFunction(() => window.copied);
    return page.evaluate(() => window.copied);
  };
  const rows = [...new Int32Array(await (await fetch(`${url}/page-data/array/row`)).arrayBuffer())];
  const more = `
import json
import numpy as np
each = vae.elbo(X[${JSON.stringify(rows)}]).kl_per_dim[5]
kl = [float(part.sum()) for part in np.split(each, np.cumsum(vae.groups_)[:-1])]
means = vae.by_group(x)
lists = {"first": first, "drawn": drawn, "means": means, "kl": kl}
print(json.dumps({name: np.asarray(one).reshape(-1).tolist() for name, one in lists.items()}))`;
  const code = (await copied()) + more;
  const said = spawnSync(python, ['-c', code], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (said.status !== 0) return check.fail(`${code}\n${said.stderr}`);
  const told = JSON.parse(said.stdout);

  const now = async () => {
    const { kl, total, first, anew } = await page.evaluate(`(${all})()`).then(plain);
    return { kl, total, first, anew };
  };
  const plain = ({ kl, total, first, anew }) => ({ total, ...Object.fromEntries(Object.entries({ kl, first, anew }).map(([name, one]) => [name, Object.values(one)])) });
  const seen = await now();
  check.close(seen.kl, told.kl, 'KL of each group');
  const read = (await page.textContent('[data-testid=sum]')).match(/\d+\.\d/g).map(Number);
  check.close([read.slice(1).reduce((a, b) => a + b)], [read[0]], `the sum as it reads: ${read}`, 1e-6);
  check.close([seen.total], [await page.evaluate(() => window.__latentia.focus.nats.kl)], 'their sum is the KL of the example');
  check.close(seen.first, told.first, 'the first groups, the others drawn');
  check.close(seen.anew, told.drawn, 'draws of the second group');
  await check.drawn(page, 'groups');
  // Named is what the picture is of, and the bars stand in one row.
  const [names, bars] = await page.evaluate(() => {
    const columns = [...document.querySelectorAll('[data-testid=ladder] button')];
    const box = (one) => one.querySelector('.bars').getBoundingClientRect();
    return [columns.map((one) => one.querySelector('.name').textContent), columns.map((one) => box(one).bottom)];
  });
  check.equal(names[0], 'Group 1', 'the name of the first');
  check.equal(names[5], 'Groups 1–6', 'the name of the sixth');
  check.ok(Math.max(...bars) - Math.min(...bars) < 1, `bars that end at ${bars}`);

  await page.click('[data-testid=rest] [data-value=mean]');
  await page.waitForFunction((old) => window.__latentia.views['explore/groups'].first[0] !== old, seen.first[0]);
  check.close((await now()).first, told.means, 'the first groups, the others at their means');

  // Another group is one step; the last has nothing below it.
  await page.click('[data-testid=group-8]');
  await page.waitForFunction((old) => window.__latentia.views['explore/groups'].anew[400] !== old, seen.anew[400]);
  check.equal(await page.evaluate(() => window.__latentia.state.entry('groups.group')), '8', 'the group is in the URL');
  check.equal(await page.locator('[data-testid=below]').count(), 0, 'nothing lies below the last');
  await page.click('button[aria-label=Undo]');
  await page.waitForSelector('[data-testid=group-2][aria-pressed=true]');
  await check.accessible(page, 'groups');

  // While groups stand at their means, what draws stands beside the draws alone.
  const drawing = (within) => page.locator(`${within} [data-testid=temperature]`).count();
  check.equal(`${await drawing('main')}, ${await drawing('section')}`, '1, 1', 'the temperature beside the draws, at their means');
  await page.click('[data-testid=rest] [data-value=drawn]');
  check.equal(`${await drawing('main')}, ${await drawing('section')}`, '1, 0', 'the temperature beside the groups, drawn');

  // Nothing jumps as it comes: no group is chosen, and no example offered, before it is known which.
  const slow = await open('#/explore/map', { url });
  let release = () => {};
  const held = new Promise((resolve) => (release = resolve));
  for (const name of ['label', 'kl_per_dim']) await slow.route(`**/page-data/array/${name}`, (route) => held.then(() => route.continue()));
  await slow.reload();
  await slow.waitForFunction(() => window.__latentia?.state.view);
  await slow.evaluate(() => window.__latentia.state.go('explore/groups'));
  await slow.waitForSelector('[data-testid=ladder]');
  await slow.waitForTimeout(300);
  check.equal(await slow.locator('[data-testid=ladder] [aria-pressed=true]').count(), 0, 'groups chosen before it is known which');
  check.equal(await slow.locator('main [data-testid^=example-]').count(), 0, 'examples offered before it is known which');
  release();
  await slow.waitForSelector('[data-testid=ladder] [aria-pressed=true]');
  const labels = [...new Int32Array(await (await fetch(`${url}/page-data/array/label`)).arrayBuffer())];
  const first = [...new Set(labels)].sort((a, b) => a - b).map((k) => `example-${labels.indexOf(k)}`);
  await slow.waitForSelector('main [data-testid^=example-]');
  const offered = await slow.$$eval('main [data-testid^=example-]', (all) => all.map((one) => one.dataset.testid));
  check.equal(offered.slice(0, first.length).join(), first.join(), 'one example of each label');
}
