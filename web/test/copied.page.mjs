// "Copy as Python": the code that a view copies runs as it stands, and its numbers are the page's.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { python, root } from './served.mjs';

const RUN = `
import contextlib, io, json, sys
import matplotlib
matplotlib.use("agg")
import numpy as np
found = []
for name, code, asked in json.load(open(sys.argv[1])):
    space, said = {}, io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            exec(code, space)
        found.append({"said": said.getvalue(), "got": [np.asarray(eval(one, space), float).ravel().tolist() for one in asked]})
    except Exception as error:
        found.append({"error": f"{type(error).__name__}: {error}"})
print(json.dumps(found))
`;

/** Run what was copied, [name, code, expressions] each, in one process. */
export function ran(folder, codes) {
  const file = join(folder, 'copied.json');
  writeFileSync(file, JSON.stringify(codes));
  const said = spawnSync(python, ['-c', RUN, file], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (said.status !== 0) throw new Error(said.stderr);
  return JSON.parse(said.stdout);
}

export async function copied(page, within = 'main') {
  await page.evaluate(() => {
    window.copied = '';
    navigator.clipboard.writeText = async (text) => (window.copied = text);
  });
  // The button says for a while that it was done.
  await page.waitForFunction(() => ![...document.querySelectorAll('button')].some((one) => one.textContent.trim() === 'Copied'));
  await page.locator(`${within} button:not([disabled])`, { hasText: 'Copy as Python' }).first().click();
  await page.waitForFunction(() => window.copied);
  return page.evaluate(() => window.copied);
}

export default async function ({ open, check, two, six, folder }) {
  const codes = [];
  const judged = [];
  /** What is copied of a view, expressions of Python, and how their numbers are held against the page's. */
  const take = async (page, name, asked, judge, within) => {
    codes.push([name, await copied(page, within), asked]);
    judged.push([name, judge]);
  };
  const close = (what, ...wanted) => (got) => wanted.forEach((each, i) => check.close(got[i], each, `${what}, ${i + 1}`));
  const seen = async (page, view, ready = () => true) => {
    for (let tries = 0; tries < 600; tries++) {
      if (await page.evaluate(`Boolean(window.__latentia.views["${view}"] && (${ready})(window.__latentia.views["${view}"]))`)) return;
      await page.waitForTimeout(100);
    }
    throw new Error(`${view}: its numbers did not come`);
  };

  // The rows that the page shows: a part of the data set, in its order.
  const page = await open('#/explore/map?x=4&map.colour=elbo');
  await page.waitForFunction(() => window.__latentia.views['explore/map']?.count > 0);
  const map = await page.evaluate(() => [...window.__latentia.views['explore/map'].points]);
  const elbo = [...new Float32Array(await (await fetch(`${two}/page-data/array/elbo`)).arrayBuffer())];
  await take(page, 'map', ['np.stack([across, up], 1)', 'shade'], close('the map', map, elbo));

  await seen(page, 'inspector', (v) => v.error);
  const inspector = await page.evaluate(() => {
    const { focus, views } = window.__latentia;
    return { ...views.inspector, mean: [...focus.q.mean], shown: [...focus.decoded.shown] };
  });
  await take(page, 'inspector', ['elbo', 'error', 'shown'], ([[value], [error], shown]) => {
    const off = Math.abs(value - inspector.elbo) / Math.hypot(error, inspector.error);
    check.ok(off < 5, `the inspector's ELBO ${inspector.elbo} is ${off} errors from Python's ${value}`);
    check.close(shown, inspector.shown, 'the decode of the inspector', 3e-3);
  }, 'aside');

  const to = async (hash, view, ready) => {
    await page.evaluate((hash) => (location.hash = hash), hash);
    await seen(page, view, ready);
    await page.waitForTimeout(300);
  };
  await to('#/explore/unlikely?x=4', 'explore/unlikely', (v) => v.count > 0 && v.averaged.length > 7);
  const { count, order, averaged } = await page.evaluate(() => ({ ...window.__latentia.views['explore/unlikely'], order: [...window.__latentia.views['explore/unlikely'].order] }));
  await take(page, 'unlikely', ['least', 'means'], ([least, means]) => {
    check.close(least, order.slice(0, count), 'the least likely');
    check.equal(means.length, Math.min(60, count), 'means of the list');
    // Draws of one of the least likely have deviations of tens of nats; so many of them, of less than this.
    const away = averaged.map(([place, mean]) => Math.abs(means[least.indexOf(place)] - mean) / Math.abs(mean));
    check.ok(away.length && Math.max(...away) < 0.15, `means in Python and on the page: ${averaged}, ${means.slice(0, away.length)}`);
  });

  for (const by of ['euclidean', 'kl']) {
    await to(`#/explore/neighbours?x=4&neighbours.by=${by}`, 'explore/neighbours', by === 'kl' ? (v) => v.isKl && v.index.length : (v) => v.index.length);
    const near = await page.evaluate(() => ({ index: [...window.__latentia.views['explore/neighbours'].index], distance: [...window.__latentia.views['explore/neighbours'].distance] }));
    await take(page, `neighbours by ${by}`, ['near', 'distance'], close(`neighbours by ${by}`, near.index, near.distance));
  }

  // Directions: of labels, and of a set against all others.
  const other = await open('#/explore/attributes?x=4', { url: six });
  const direction = async (name) => {
    await seen(other, 'explore/attributes', (v) => v.along);
    await other.waitForTimeout(200);
    const along = await other.evaluate(() => [...window.__latentia.views['explore/attributes'].along]);
    await take(other, name, ['direction'], close(name, along));
  };
  await direction('a direction of labels');
  await other.evaluate(() => window.__latentia.state.go('explore/attributes', { a: 'DCEBCD', 'attributes.plus': 'a', 'attributes.minus': 'rest' }));
  await direction('a direction of a set');
  await other.evaluate(() => window.__latentia.state.go('explore/map'));
  await other.waitForFunction(() => window.__latentia.views['explore/map']?.count > 0);
  const plane = await other.evaluate(() => [...window.__latentia.views['explore/map'].points]);
  await take(other, 'map of six', ['np.stack([across, up], 1)'], close('the principal components', plane));

  // One draw: x and epsilon are those of the page.
  await to('#/learn/flow?x=4', 'learn/flow', (v) => v.weight && v.elbo);
  const flow = await page.evaluate(() => ({ ...window.__latentia.views['learn/flow'] }));
  await take(page, 'flow', ['log_lik', 'log_w', 'elbo', 'error'], ([likelihood, weight, [value], [error]]) => {
    check.close([...likelihood, ...weight], [flow.likelihood, flow.weight], 'log p(x|z) and log w of the flow');
    check.ok(Math.abs(value - flow.elbo.mean) < 5 * Math.hypot(error, flow.elbo.error), 'the ELBO of the flow');
    check.close([inspector.elbo, inspector.error], [flow.elbo.mean, flow.elbo.error], 'the inspector beside the flow');
  });
  await to('#/learn/prior?x=4', 'learn/prior', (v) => v.shown);
  const prior = await page.evaluate(() => ({ z: [...window.__latentia.views['learn/prior'].at], shown: [...window.__latentia.views['learn/prior'].shown] }));
  await take(page, 'prior', ['z', 'x'], ([z, x]) => {
    check.close(z, prior.z, 'z of the prior');
    check.close(x, prior.shown, 'the samples of the prior', 3e-3);
  });
  await to('#/learn/simple-prior?simple-prior.strength=0.3', 'learn/simple-prior', (v) => v.shown);
  const spread = await page.evaluate(() => window.__latentia.views['learn/simple-prior'].spread);
  await take(page, 'simple prior', ['radius.std() / radius.mean()'], ([[found]]) =>
    check.ok(Math.abs(found - spread) < 0.03, `the ring varies by ${found} in Python, by ${spread} on the page`));

  // Many draws: as many as on the page, within what they may be off.
  await to('#/learn/sampling?x=4', 'learn/sampling', (v) => v.q && v.n === 1000);
  const sampling = await page.evaluate(() => ({ ...window.__latentia.views['learn/sampling'] }));
  await take(page, 'sampling', ['torch.logsumexp(log_w, 0) - math.log(1000)', 'effective'], ([[value], [effective]]) => {
    const off = Math.hypot(sampling.q.error, Math.sqrt(1 / effective));
    check.ok(Math.abs(value - sampling.q.estimate) < 5 * off, `log p(x) by draws of q: ${value}, not ${sampling.q.estimate}`);
  });
  await to('#/explore/inpaint?x=4', 'explore/inpaint', (v) => v.found);
  const gap = await page.evaluate(() => ({ log: window.__latentia.views['explore/inpaint'].found.logEvidence, effective: window.__latentia.views['explore/inpaint'].found.effective, mean: [...window.__latentia.views['explore/inpaint'].found.mean] }));
  const isNear = (what, mine) => ([[log], [effective], mean]) => {
    const off = Math.sqrt(1 / effective + 1 / mine.effective);
    check.ok(Math.abs(log - mine.log) < 5 * off + 0.02, `${what}: log p(x_o) is ${log} in Python, ${mine.log} on the page, ± ${off}`);
    const away = Math.max(...mean.map((value, d) => Math.abs(value - mine.mean[d])));
    check.ok(away < 5 * off, `${what}: a pixel is ${away} off`);
  };
  await take(page, 'in-painting', ['log_px', 'effective', 'mean'], isNear('in-painting', gap));
  await to('#/learn/denoise?x=4', 'learn/denoise', (v) => v.effective);
  const erased = await page.evaluate(() => ({ log: window.__latentia.views['learn/denoise'].logEvidence, effective: window.__latentia.views['learn/denoise'].effective, mean: [...window.__latentia.views['learn/denoise'].average] }));
  await take(page, 'restore a gap', ['log_px', 'effective', 'mean'], isNear('restore', erased));
  await to('#/learn/denoise?x=4&denoise.kind=gaussian', 'learn/denoise', (v) => !v.effective);
  const { errors } = await page.evaluate(() => ({ errors: window.__latentia.views['learn/denoise'].errors }));
  await take(page, 'restore from noise', ['errors'], ([[noise, pass, average]]) => {
    check.close([noise, pass], [errors.seen, errors.pass], 'the errors of the noise and of one pass');
    check.ok(Math.abs(average - errors.average) < 0.1 * errors.average + 0.5, `the error of the average: ${average}, not ${errors.average}`);
  });

  // Nothing is copied while there is nothing to say.
  await page.evaluate(() => window.__latentia.state.go('learn/elbo', { x: '9' }));
  await page.waitForSelector('.python button');
  const early = await page.evaluate(() => [document.querySelector('.python button').disabled, window.__latentia.views['learn/elbo']?.truth !== undefined]);
  check.ok(early[0] !== early[1], 'code is offered before there is any, or not when there is');

  const found = ran(folder, codes);
  found.forEach(({ error, got }, i) => {
    if (error) check.fail(`${judged[i][0]}: the copied code: ${error}`);
    else judged[i][1](got);
  });
}
