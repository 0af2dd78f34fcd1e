// Any epoch of a run: points, the example's numbers and what z decodes to are those of its weights.

import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { python } from './served.mjs';

const ASK = `
import json, sys
import numpy as np
import latentia as lt
from latentia.command._explored import explored
from latentia.command._inputs import Asked
from latentia.shell import Shell
run = sys.argv[1]
x = explored(Shell(device="cpu", quiet=True), run, Asked()).x
found = {}
for epoch in (1, 2):
    vae = lt.load(run, device="cpu", epoch=epoch)
    found[epoch] = {
        "means": vae.transform(x[:50]).ravel().tolist(),
        "elbo": float(vae.elbo(x, random_state=0).elbo[3]),
        "shown": vae.inverse_transform([[0.5, -1.0]]).ravel()[::40].tolist(),
    }
print(json.dumps(found))
`;

const seen = (page) => page.evaluate(() => {
  const { views, focus, page } = window.__latentia;
  const { points, epoch, camera } = views['explore/map'];
  return { points: [...points.slice(0, 100)], epoch, camera, at: page.now.epoch, elbo: focus.nats?.elbo };
});
const settled = (page, epoch) => page.waitForFunction(
  (epoch) => window.__latentia.views['explore/map']?.epoch === epoch && !window.__latentia.page.isComing,
  epoch,
);

/** An x of the user's own at other epochs: z follows while it is the mean, stays where a hand has put it, and no step is made. */
async function ofOnesOwn(open, check) {
  const page = await open('#/explore/latents?x=7');
  const look = () => page.evaluate(async () => {
    const { focus, state, page } = window.__latentia;
    const { data, shape } = await page.array('mean');
    const mean = [...data.subarray(5 * shape[1], 6 * shape[1])];
    let steps = 0;
    for (; state.canUndo; steps++) state.undo();
    for (let i = 0; i < steps; i++) state.redo();
    return { z: [...focus.z], q: [...focus.q.mean], mean, steps, isOwn: focus.isOwn, example: focus.example };
  });
  const at = async (epoch) => {
    const before = await page.evaluate(() => window.__latentia.focus.q.mean[0]);
    await page.evaluate((epoch) => (window.__latentia.page.epoch = epoch), epoch);
    await page.waitForFunction(
      ([epoch, before]) => window.__latentia.page.now.epoch === epoch && window.__latentia.focus.q.mean[0] !== before,
      [epoch, before],
    );
    return look();
  };
  await page.evaluate(async () => {
    const { page, focus } = window.__latentia;
    await focus.show(await page.source.examples([5]));
  });
  const first = await look();
  check.ok(first.isOwn && first.example === null, 'an x of the user\'s own is no example');
  check.equal(first.steps, 1, 'to show an x is one step');
  check.close([...first.q, ...first.z], [...first.mean, ...first.mean], 'q and z of it', 1e-4);
  const then = await at(1);
  check.close([...then.q, ...then.z], [...then.mean, ...then.mean], 'q and z of it at epoch 1', 1e-4);
  check.equal(then.steps, 2, 'to look at an epoch is one step, whatever is encoded anew');
  await page.evaluate(() => (window.__latentia.focus.z = [0.5, -1]));
  const last = await at(2);
  check.close(last.z, [0.5, -1], 'z that was set by hand, at another epoch');
  check.close(last.q, last.mean, 'q of it at epoch 2', 1e-4);
  check.equal(last.steps, 4, 'steps: x, epoch, z, epoch');
  await page.click('button[aria-label=Undo]');
  await page.waitForFunction(() => window.__latentia.page.now.epoch === 1);
  check.close((await look()).z, [0.5, -1], 'z after the epoch is undone');
}

export default async function ({ open, check, folder }) {
  const run = join(folder, 'two');
  const said = spawnSync(python, ['-c', ASK, run], { encoding: 'utf8' });
  const python_ = JSON.parse(said.stdout || 'null') ?? check.fail(said.stderr);

  const page = await open('#/explore/map?x=3');
  await page.waitForFunction(() => window.__latentia.focus.nats);
  const own = await seen(page);
  check.equal(own.epoch, null, "the run's own model at first");
  await page.locator('[data-testid=page-epoch]').focus();
  await page.keyboard.press('Home');
  await settled(page, 1);
  await page.waitForFunction((elbo) => window.__latentia.focus.nats.elbo !== elbo, own.elbo);
  const first = await seen(page);
  check.close(first.points, python_[1].means, 'points of epoch 1');
  check.close([first.elbo], [python_[1].elbo], 'the ELBO of an example at epoch 1');
  check.close(Object.values(first.camera), Object.values(own.camera), 'the camera stays');
  check.ok(page.url().includes('epoch=1') || (await page.waitForURL(/epoch=1/), true), 'the URL');

  await page.evaluate(() => (window.__latentia.focus.z = [0.5, -1]));
  const decoded = (shown) => page.waitForFunction(
    (shown) => {
      const found = window.__latentia.focus.decoded;
      return found && Math.abs(found.z[0] - 0.5) < 1e-6 && Math.abs(found.shown[shown[0]] - shown[1]) < 1e-4;
    },
    shown,
  );
  const most = python_[1].shown.indexOf(Math.max(...python_[1].shown));
  await decoded([most * 40, python_[1].shown[most]]);
  const shown = () => page.evaluate(() => [...window.__latentia.focus.decoded.shown].filter((_, i) => i % 40 === 0));
  check.close(await shown(), python_[1].shown, 'what z decodes to at epoch 1');

  await page.keyboard.press(']');
  await settled(page, 2);
  const second = await seen(page);
  check.close(second.points, python_[2].means, 'points of epoch 2');
  await decoded([most * 40, python_[2].shown[most]]);
  check.close(await shown(), python_[2].shown, 'what z decodes to at epoch 2');
  await page.click('button[aria-label=Undo]');
  await settled(page, 1);
  await page.keyboard.press('Control+z');

  // A view that is made anew has the epoch's arrays, and its Python opens that epoch.
  await page.evaluate(() => window.__latentia.state.go('explore/latents'));
  await page.waitForSelector('main [data-testid]');
  const copied = await page.evaluate(async () => {
    let text = '';
    navigator.clipboard.writeText = async (said) => void (text = said);
    [...document.querySelectorAll('button')].find((one) => /Copy as Python/.test(one.textContent + one.ariaLabel))?.click();
    await new Promise((resolve) => setTimeout(resolve, 100));
    return text;
  });
  check.ok(/lt\.load\(".*", epoch=1\)/.test(copied), `Python opens the epoch: ${copied}`);
  await page.click('[data-testid=own-epoch]');
  await page.waitForFunction(() => window.__latentia.page.now.epoch === null);
  const back = await page.evaluate(async () => [...(await window.__latentia.page.array('mean')).data.slice(0, 100)]);
  check.close(back, own.points, "the run's own points again");

  // Played to the end, one step that can be undone.
  await page.evaluate(() => window.__latentia.state.go('explore/map'));
  await page.click('[data-testid=page-epoch-play]');
  await settled(page, 1);
  await settled(page, 2);
  await page.waitForSelector('[data-testid=page-epoch-play][aria-label="Play the epochs"]');
  await page.click('button[aria-label=Undo]');
  await settled(page, null);

  await ofOnesOwn(open, check);

  // What was had of the run's own model gives way in a view that is looked at over the epochs.
  const near = (one) => one.evaluate(() => window.__latentia.views['explore/neighbours']?.distance ?? []);
  await page.evaluate(() => window.__latentia.state.go('explore/neighbours'));
  await page.waitForFunction(() => window.__latentia.views['explore/neighbours']?.distance.length);
  const ofRun = await near(page);
  await page.evaluate(() => (window.__latentia.page.epoch = 1));
  await page.waitForFunction(
    (old) => window.__latentia.page.now.epoch === 1 && ![0, old].includes(window.__latentia.views['explore/neighbours'].distance[0] ?? 0),
    ofRun[0],
  );
  const direct = await open('#/explore/neighbours?x=3&epoch=1');
  await direct.waitForFunction(() => window.__latentia.page.now.epoch === 1 && window.__latentia.views['explore/neighbours']?.distance.length);
  await direct.waitForFunction((found) => Math.abs(window.__latentia.views['explore/neighbours'].distance[0] - found) < 1e-4, (await near(page))[0]);
  check.close(await near(page), await near(direct), 'neighbours at an epoch that was scrubbed to, and opened');

  // One that is scrubbed past is given up, so that the next one waits for nothing; it can be had again.
  const slow = await open('#/explore/map?x=3');
  const left = [];
  slow.on('requestfailed', (request) => left.push(new URL(request.url()).pathname));
  let stop = () => {};
  const held = new Promise((resolve) => (stop = resolve));
  await slow.route('**/page-data/at/1/arrays', (route) => held.then(() => route.continue().catch(() => {})));
  const asked = slow.waitForRequest('**/page-data/at/1/arrays');
  await slow.evaluate(() => (window.__latentia.page.epoch = 1));
  await asked;
  await slow.evaluate(() => (window.__latentia.page.epoch = 2));
  await settled(slow, 2);
  check.ok(left.includes('/page-data/at/1/arrays'), `the question of epoch 1 was taken back: ${left}`);
  stop();
  await slow.evaluate(() => (window.__latentia.page.epoch = 1));
  await settled(slow, 1);
  check.close((await seen(slow)).points, python_[1].means, 'points of an epoch that was given up and asked again');
  check.equal((await slow.evaluate(() => window.__latentia.page.run.kept)).join(), '2,1', 'the epochs that are kept');
}
