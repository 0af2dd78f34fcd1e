// Two runs on one page: numbers are Python's, both maps are in step, and what differs is told.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { python, root, serving } from './served.mjs';

const LIMIT = 300;
/** What Python finds of the same examples, as JSON. */
const SCRIPT = `
import json, sys
from pathlib import Path
import numpy as np
from scipy.stats import bootstrap
import latentia as lt
from latentia.command._explored import together
from latentia.command._inputs import Asked
from latentia.shell import Shell
paths = [Path(one) for one in sys.argv[1:3]]
first, _ = together(Shell(device="cpu", quiet=True), paths, Asked(None, "test"), ${LIMIT})
a, b = (lt.load(path, device="cpu") for path in paths)
found = {}
for name in ("elbo", "reconstruction", "kl"):
    one, other = (getattr(model.elbo(first.x, random_state=0), name) for model in (a, b))
    d = np.asarray(other, float) - np.asarray(one, float)
    interval = bootstrap((d,), np.mean, n_resamples=4000, method="percentile", rng=0).confidence_interval
    found[name] = [float(np.mean(one)), float(np.mean(other)), d.mean(), d.std(ddof=1) / len(d) ** 0.5, *interval]
    if name == "elbo":
        most = np.lexsort((np.arange(len(d)), -np.abs(d)))[:12]
means = [model.transform(first.x) for model in (a, b)]
made = [m.inverse_transform(z[most]).ravel() for m, z in zip((a, b), means)]
# E[x|z] is of the unit interval, and comes back as x was: bytes.
made = [np.asarray(x, float) / (255 if np.asarray(x).max() > 1.5 else 1) for x in made]
found["active"] = [int((z.var(0, ddof=1) > 0.01).sum()) for z in means]
copied = {}
exec(sys.argv[3], copied)
found["copied"] = [float(copied[name]) for name in ("mean", "error")]
found["most"], found["made"] = most.tolist(), [x.tolist() for x in made]
json.dump({k: np.asarray(v).tolist() if not isinstance(v, list) else v for k, v in found.items()}, sys.stdout)
`;

function asked(...words) {
  const said = spawnSync(python, ['-c', SCRIPT, ...words], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (said.status !== 0) throw new Error(said.stderr);
  return JSON.parse(said.stdout);
}

export default async function ({ open, check, folder, two }) {
  const [a, b] = [join(folder, 'two'), join(folder, 'six')];
  const { url, child } = await serving(a, '--with', b, '--limit', String(LIMIT));
  child.removeAllListeners('exit');
  const pages = [];
  try {
    for (const path of ['graphs', 'arrays', 'with/0/graphs', 'with/0/arrays']) await (await fetch(`${url}/page-data/${path}`)).text();
    const page = await open('#/explore/compare?x=3&compare.with=7&compare.to=99999', { url });
    pages.push(page);
    const seen = (view = 'explore/compare') => page.evaluate((view) => window.__latentia.views[view], view);
    await page.waitForFunction(() => {
      const { intervals, made, active } = window.__latentia.views['explore/compare'] ?? {};
      return intervals?.length === 3 && made && active[1];
    });

    // What is not true of it leaves the address.
    await page.waitForFunction(() => location.hash === '#/explore/compare?x=3');
    check.ok((await page.textContent('[data-testid=of-what]')).includes('The ELBO takes one draw of z for each.'), 'of what the numbers are');

    // The numbers are Python's.
    const found = await page.evaluate(() => {
      const { measures, intervals, active, places, made, code } = window.__latentia.views['explore/compare'];
      return {
        code: code(),
        each: measures.map(({ key, a, b, difference }, i) => [key, a, b, difference.mean, difference.error, ...intervals[i]]),
        ...{ active, places, made: made.x.map((x) => [...x]) },
      };
    });
    const wanted = asked(a, b, found.code);
    for (const [key, ...numbers] of found.each) {
      check.close(numbers.slice(0, 4), wanted[key].slice(0, 4), `${key} with its paired error`);
      // Two bootstraps of other draws agree to what their draws leave open.
      check.ok(numbers.slice(4).every((end, i) => Math.abs(end - wanted[key][4 + i]) < 0.4 * numbers[3]), `${key}: the interval ${numbers.slice(4)}`);
    }
    check.close(wanted.copied, wanted.elbo.slice(2, 4), 'what the copied Python finds');
    check.equal(found.active.join(), wanted.active.join(), 'active latents');
    check.equal(found.places.join(), wanted.most.join(), 'the examples in which they differ most');
    found.made.forEach((x, i) => check.close(x, wanted.made[i], `reconstructions by ${i ? 'the other' : 'the first'}`, 1e-3));
    const cell = (await page.textContent('[data-testid=numbers] [data-testid=elbo]')).replaceAll('−', '-');
    check.ok(cell.includes(wanted.elbo[2].toFixed(2)), `the table says ${cell}`);

    // What is picked in one map is ringed in both.
    await page.focus('[data-testid=map-1] [data-testid=scatter]');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => window.__latentia.focus.example !== 3);
    const { example } = await page.evaluate(() => ({ example: window.__latentia.focus.example }));
    for (const i of [0, 1]) check.equal(await page.locator(`[data-testid=map-${i}] circle.mark`).count(), 1, `rings of map ${i}`);
    await page.hover('[data-testid=map-0] [data-testid=scatter]', { position: { x: 120, y: 150 } });
    const elbo = await page.evaluate(async (i) => (await window.__latentia.page.others[0].array('elbo')).data[i], example);
    await page.mouse.move(5, 5);
    await page.waitForTimeout(200);
    const shown = (await page.textContent('[data-testid=seen]')).replaceAll('−', '-');
    check.ok(shown.includes(elbo.toFixed(1)), `the example in hand reads ${shown}, not ${elbo}`);

    // A way begins and ends at the codes of the same examples, in both.
    const way = await page.evaluate(async () => {
      const { from, to, z } = window.__latentia.views['explore/compare/path'];
      const { page } = window.__latentia;
      const means = await Promise.all([page.run, ...page.others].map((one) => one.array('mean')));
      const ends = means.map(({ data, shape }) => [from, to].flatMap((i) => [...data.subarray(i * shape[1], (i + 1) * shape[1])]));
      return { ends, z: z.map((one, i) => [...one.subarray(0, means[i].shape[1]), ...one.subarray(-means[i].shape[1])]) };
    });
    way.z.forEach((z, i) => check.close(z, way.ends[i], `the ends of way ${i}`));

    // Other draws, and the same again from the same seed.
    const draws = async () => [...(await seen('explore/compare/draws')).z[0] ? Object.values((await seen('explore/compare/draws')).z[0]) : []];
    const before = await draws();
    await page.click('[data-testid=seed]');
    await page.waitForFunction((first) => window.__latentia.views['explore/compare/draws'].z[0][0] !== first, before[0]);
    await page.click('button[aria-label=Undo]');
    await page.waitForFunction((first) => window.__latentia.views['explore/compare/draws'].z[0][0] === first, before[0]);
    check.close(await draws(), before, 'draws of the same seed');
    await page.click('[data-testid=colour] [data-value=elbo]');
    await check.drawn(page, 'compare');
    await check.accessible(page, 'compare');
    check.equal(await page.locator('[data-testid=apart]').count(), 0, 'what sets these runs apart');

    // Curves of both, and what was set differently.
    await page.evaluate(() => window.__latentia.state.go('train/runs'));
    await page.waitForFunction(() => window.__latentia.views['train/runs']?.settings?.length && window.__latentia.views['train/runs'].table.every(({ top }) => top));
    const runs = await seen('train/runs');
    const rows = await (await fetch(`${url}/page-data/with/0/metrics`)).json();
    const best = rows.filter(({ split }) => split === 'validation').sort((x, y) => y.elbo - x.elbo)[0];
    check.equal(runs.table[1].top.epoch, best.epoch, 'the best epoch of the other');
    check.close(runs.lines.kl[1].points.map(({ y }) => y), rows.filter(({ split }) => split === 'validation').map(({ kl }) => kl), 'its KL', 1e-9);
    const set = runs.settings.find(({ name }) => name === 'model.latent_dim');
    check.equal(set?.values.join(), '2,6', 'the latents that were set');
    check.ok(!runs.settings.some(({ name }) => name === 'training.epochs'), 'what is the same is not told');
    await page.click('[data-testid=by] [data-value=seconds]');
    const link = await page.evaluate(() => window.__latentia.state.link());
    check.ok(link.includes('runs.by=seconds') && !link.includes('compare.'), `entries of another view in the address: ${link}`);
    const whole = [1, 2].reduce((sum, epoch) => sum + rows.find((row) => row.epoch === epoch).seconds, 0);
    await page.waitForFunction((whole) => Math.abs(window.__latentia.views['train/runs'].lines.elbo[1].points.at(-1).x - whole) < 1e-6, whole);
    await page.focus('[data-testid=elbo]');
    await page.keyboard.press('Home');
    check.ok((await page.getAttribute('[data-testid=elbo]', 'aria-valuetext')).includes('six'), 'a place is read by the names of the runs');
    // Each run is read where it was measured, and says where that is.
    await page.keyboard.press('ArrowRight');
    const beside = await page.evaluate(() => {
      const [plot, text] = [document.querySelector('[data-testid=elbo]'), document.querySelector('figure .values')];
      const spots = [...plot.querySelectorAll('circle:not(.ring)')].map((one) => Number(one.getAttribute('cx')));
      return { said: plot.getAttribute('aria-valuetext'), spots, text: text.textContent };
    });
    const lines = (await seen('train/runs')).lines.elbo;
    const stops = [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))].sort((x, y) => x - y);
    const nearest = lines.map(({ points }) => {
      const isOn = points[0].x <= stops[1] && stops[1] <= points.at(-1).x;
      return isOn && points.reduce((near, one) => (Math.abs(one.x - stops[1]) < Math.abs(near.x - stops[1]) ? one : near));
    }).filter(Boolean);
    const isSaid = nearest.every(({ y }) => beside.said.includes(y.toFixed(2).replace('-', '−')));
    check.ok(isSaid, `the ELBO of ${beside.said} is that of ${nearest.map(({ y }) => y)}`);
    check.equal(beside.spots.length, nearest.length, 'spots on curves');
    if (nearest.length > 1) check.ok(beside.text.includes('After '), `where each is read: ${beside.text}`);
    const isLeft = await page.evaluate(() =>
      document.querySelector('[data-testid=elbo]').dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', altKey: true, bubbles: true, cancelable: true })),
    );
    check.ok(isLeft, 'a curve takes the key by which the browser goes back');
    await check.accessible(page, 'train/runs');

    // Where numbers cannot be compared, it is said why.
    await page.route('**/page-data/description', async (route) => {
      const told = await (await route.fetch()).json();
      told.others[0].apart = ['binarization', 'parts'];
      return route.fulfill({ json: told });
    });
    for (const view of ['train/runs', 'explore/compare']) {
      await page.goto(`${url}/#/${view}`);
      await page.reload();
      const said = await page.textContent('[data-testid=apart]');
      check.ok(said.includes('another binarization, other parts of the data'), `${view}: ${said}`);
    }
    // Then no difference is told.
    await page.waitForFunction(() => window.__latentia.views['explore/compare']?.intervals);
    const row = await page.textContent('[data-testid=numbers] [data-testid=elbo]');
    check.ok(row.trim().endsWith('–') && !row.includes(wanted.elbo[2].toFixed(2)), `numbers that cannot be compared: ${row}`);
    check.equal(await page.locator('[data-testid=apart-here], [data-testid=colour]').count(), 0, 'differences where there are none');
  } finally {
    for (const page of pages) await page.goto('about:blank');
    child.kill('SIGKILL');
  }

  // One run alone says how another is opened.
  const alone = await open('#/explore/compare', { url: two });
  check.ok((await alone.textContent('[data-testid=alone]')).includes(`latentia explore ${a} --with RUN2`), 'how another is opened');
}
