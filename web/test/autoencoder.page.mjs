// An autoencoder beside a VAE: points, numbers and decodes of both are Python's at the same epoch.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { latentia, python, serving } from './served.mjs';

const ASK = `
import json, sys
import numpy as np
from scipy.spatial import cKDTree
import latentia as lt
from latentia.command._explored import explored
from latentia.command._inputs import Asked
from latentia.shell import Shell
asked = json.loads(sys.argv[1])
x = explored(Shell(device="cpu", quiet=True), asked["vae"], Asked()).x
many, found = np.array(asked["many"]).reshape(-1, 2), {}
for name in ("ae", "vae"):
    models = [lt.load(asked[name], device="cpu", epoch=epoch) for epoch in (1, 2)]
    before, means = (model.transform(x).astype(np.float64) for model in models)
    away, way = cKDTree(means).query(many)[0], np.linspace(0, 1, 9)[:, None]
    rows = np.concatenate([asked["few"], ((1 - way) * means[2] + way * means[5]).ravel()]).reshape(-1, 2)
    shown = models[1].inverse_transform(rows.astype(np.float32)).reshape(len(rows), -1)
    found[name] = {
        "numbers": [
            np.sqrt(means.var(0).mean()), np.linalg.norm(means.mean(0)),
            np.linalg.norm(means - before, axis=1).mean(),
            np.mean(np.linalg.norm(means, axis=1) <= np.sqrt(-2 * np.log(0.01))),
            np.mean(away > asked["far"]),
        ],
        "means": means[:40].ravel().tolist(),
        "strips": shown[:, ::97].ravel().tolist(),
        "here": models[1].inverse_transform([[0.5, -1.0]]).ravel()[::40].tolist(),
    }
print(json.dumps(found))
`;

export default async function ({ open, bare, check, folder, two, browser }) {
  // Without another run it says which commands make one.
  const alone = await open('#/learn/autoencoder');
  const said = await alone.textContent('[data-testid=commands]');
  check.ok(/latentia explore runs\/vae --with runs\/ae/.test(said), 'the commands');
  await check.accessible(alone, 'without another run');

  const [vae, ae] = [join(folder, 'two'), join(folder, 'point')];
  latentia(
    ...['train', 'mnist5k', '--out', ae, '--preset', 'autoencoder', '--latent-dim', '2', '--epochs', '2'],
    ...['--network.hidden', '128', '--compile', 'no', '--quiet', '--snapshots'],
  );
  const { url, child } = await serving(vae, '--with', ae);
  try {
    await fetch(`${url}/page-data/with/0/graphs`).then((answer) => answer.text());
    const page = await open('#/learn/autoencoder?autoencoder.a=2&autoencoder.b=5&autoencoder.far=0.1', { url });
    await page.waitForFunction(() => window.__latentia.views['learn/autoencoder']?.vae.strips);
    await page.locator('[data-testid=epoch]').focus();
    await page.keyboard.press('Home');
    await page.waitForFunction(() => window.__latentia.views['learn/autoencoder'].epoch === 1);
    await page.keyboard.press('End');
    await page.evaluate(() => (window.__latentia.focus.z = [0.5, -1]));
    await page.waitForFunction(() => window.__latentia.views['learn/autoencoder'].epoch === 2);
    await page.waitForFunction(() => {
      const { ae, vae } = window.__latentia.views['learn/autoencoder'];
      return [ae, vae].every(({ here, strips, moved }) =>
        moved !== undefined && here.epoch === 2 && here.rows[0] === 0.5 && here.rows[1] === -1 && strips.epoch === 2);
    });
    const seen = await page.evaluate(async () => {
      const { ae, vae, few, z } = window.__latentia.views['learn/autoencoder'];
      const many = [...(await window.__latentia.page.run.array('prior')).data];
      const told = ({ spread, middle, moved, inside, alone, means, here, strips }) => ({
        numbers: [spread, middle, moved, inside, alone],
        means: [...means.slice(0, 80)],
        strips: strips.x.flatMap((x) => [...x].filter((_, i) => i % 97 === 0)),
        here: [...here.x[0]].filter((_, i) => i % 40 === 0),
      });
      return { ae: told(ae), vae: told(vae), few: [...few], many, z };
    });
    check.close(seen.z, [0.5, -1], 'one place in both');
    const ask = JSON.stringify({ ae, vae, few: seen.few, many: seen.many, far: 0.1 });
    const answer = spawnSync(python, ['-c', ASK, ask], { encoding: 'utf8' });
    if (answer.status !== 0) return check.fail(answer.stderr);
    const wanted = JSON.parse(answer.stdout);
    for (const name of ['ae', 'vae']) {
      for (const what of ['numbers', 'means', 'strips', 'here']) check.close(seen[name][what], wanted[name][what], `${what} of ${name}`);
    }
    check.ok(Math.abs(seen.ae.numbers[0] - seen.vae.numbers[0]) > 0.01, 'the two differ');

    // The keys that go through the epochs everywhere go through those of both here, wherever the hand is.
    const epochIs = (epoch) => page.waitForFunction((epoch) => window.__latentia.views['learn/autoencoder'].epoch === epoch, epoch);
    await page.focus('[data-testid=redraw]');
    await page.keyboard.press('[');
    await epochIs(1);
    await page.keyboard.press(']');
    await epochIs(2);

    // A point that is taken in one is marked in both; the same draws are drawn again in both.
    await page.click('[data-testid=redraw]');
    await page.waitForFunction((few) => window.__latentia.views['learn/autoencoder'].few[0] !== few, seen.few[0]);
    await page.locator('[data-testid=scatter]').first().focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowUp', 'Enter']) await page.keyboard.press(key);
    await page.waitForFunction(() => !/autoencoder\.a=2(&|$)/.test(window.__latentia.state.link()));
    check.equal(await page.locator('circle.mark').count(), 4, 'A and B in both maps');
    await page.click('[data-testid=answer-1]');
    await page.waitForSelector('[data-testid=why]');
    await check.accessible(page, 'both');
    await check.drawn(page, 'both');

    // Beside an autoencoder only the numbers of the VAE are of a draw of z.
    await page.evaluate(() => window.__latentia.state.go('explore/compare'));
    const of = await page.textContent('[data-testid=of-what]');
    check.ok(of.includes('reconstruction of two take one draw') && !of.includes('The ELBO takes'), `numbers of an autoencoder: ${of}`);

    await failing(browser, check, url);
    await left(browser, check, url);
    await byItself(open, check, ae);
  } finally {
    child.kill('SIGKILL');
  }
}

/** Of an autoencoder by itself nothing is said to be of a draw, or to bound anything. */
async function byItself(open, check, ae) {
  const { url, child } = await serving(ae, '--limit', '60');
  try {
    const page = await open('#/explore/unlikely?x=3', { url });
    await page.waitForFunction(() => !document.querySelector('main').textContent.includes('Loading'));
    const said = await page.textContent('main');
    check.ok(!said.includes('one draw') && (said.includes('no bound of log p(x)') || said.includes('no ELBO')), `the ELBO of an autoencoder: ${said.slice(0, 600)}`);
    await page.waitForFunction(() => window.__latentia.focus.x);
    check.equal(await page.locator('[data-testid=draws]').count(), 0, 'draws of an autoencoder');
    await page.goto('about:blank');
  } finally {
    child.kill('SIGKILL');
  }
}

/** An epoch that cannot be had is said so, nothing waits for it, and it can be asked for again. */
async function failing(browser, check, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  // An epoch is shown with how far its means have moved since the one before.
  const array = '**/page-data/with/0/at/1/array/mean';
  await page.route(array, (route) => route.fulfill({ status: 500, json: { detail: 'No such weights.' } }));
  await page.goto(`${url}/#/learn/autoencoder`);
  await page.waitForSelector('[data-testid=trouble]');
  check.ok((await page.textContent('[data-testid=trouble]')).includes('No such weights.'), 'what an epoch lacks');
  check.equal(await page.locator('output.coming').count(), 0, 'an epoch that is waited for in vain');
  check.ok(!(await page.textContent('main')).includes('Loading'), 'a lesson waits for what has failed');
  await page.unroute(array);
  await page.click('[data-testid=try-again]');
  await page.waitForFunction(() => window.__latentia.views['learn/autoencoder']?.vae.strips);
  check.equal(await page.locator('[data-testid=trouble]').count(), 0, 'what was had in the end');
  await context.close();
}

/** Who leaves while an epoch is on its way does not wait for it any more. */
async function left(browser, check, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const ways = ['with/0/at/2', 'at/2'].map((place) => `/page-data/${place}/array/mean`);
  const given = new Set();
  page.on('requestfailed', (request) => given.add(new URL(request.url()).pathname));
  const asked = ways.map((way) => page.waitForRequest((request) => new URL(request.url()).pathname === way));
  await page.route('**/at/2/array/mean', () => {}); // which is never answered
  await page.goto(`${url}/#/learn/autoencoder`);
  await Promise.all(asked);
  check.equal(given.size, 0, 'what is given up before');
  await page.evaluate(() => window.__latentia.state.go('learn/prior'));
  const kept = () => ways.filter((way) => !given.has(way));
  for (let i = 0; i < 20 && kept().length; i++) await page.waitForTimeout(100);
  check.equal(kept().join(), '', 'what is waited for by who has left');
  check.equal(await page.locator('[data-testid=trouble]').count(), 0, 'what is no trouble');
  await context.close();
}
