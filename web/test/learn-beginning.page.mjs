// The first lessons: the flow, the prior, the ring, and draws of the prior against draws of q.
// Their numbers are those of Python, and the Python that they copy runs.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const own = `${root}.venv/bin/python`;
const python = process.env.PYTHON ?? (existsSync(own) ? own : 'python3');

/** What Python says of the same: log p(x|z), log p(x), and the shifted digit. */
const ASKING = `
import json, sys
import numpy as np
import torch
import latentia as lt
from latentia.lab.pixel_distance import cut, shifted
said = json.load(sys.stdin)
vae = lt.load(said["run"])
x = torch.tensor(said["x"]).reshape(1, 1, 28, 28)
z = torch.tensor([said["z"]])
with torch.no_grad():
    q = vae.model_.posterior(x)
    likelihood = vae.model_.log_likelihood(x, z)
    joint = vae.model_.log_joint(x, z)
    density = q.log_prob(z)
bytes_ = (255 * x).numpy().astype(np.uint8)
exact = vae.evidence(bytes_, method="quadrature").each
grey = np.array(said["grey"]).reshape(1, 28, 28)
far = [float(((grey - other) ** 2).sum()) for other in (cut(grey, 0.1), shifted(grey, 2.0))]
for code in said["codes"]:
    exec(code, {"print": lambda *_: None})
print(json.dumps({
    "mean": q.mean[0].tolist(), "sd": q.stddev[0].tolist(), "exact": float(exact[0]), "far": far,
    "numbers": [float(likelihood), float(joint - likelihood), float(density), float(joint - density)],
}))
`;

const copied = async (page, nth = 0) => {
  await page.evaluate(() => {
    window.copied = '';
    navigator.clipboard.writeText = async (text) => (window.copied = text);
  });
  await page.locator('button', { hasText: 'Copy as Python' }).nth(nth).click();
  await page.waitForFunction(() => window.copied);
  return page.evaluate(() => window.copied);
};
const numbers = (page, view) => page.evaluate((view) => window.__latentia.views[view], view);

export default async function ({ open, check, two, six }) {
  // The flow: of one draw of eps, every number.
  const page = await open('#/learn/flow?x=4');
  await page.waitForFunction(() => window.__latentia.views['learn/flow']?.elbo);
  check.ok(!(await page.$('[data-testid=why]')), 'the reason stands there before the answer');
  await page.click('[data-testid=answer-0]');
  await page.waitForSelector('[data-testid=why]');
  const flow = await page.evaluate(() => {
    const { x, mean, sd, z, likelihood, prior, q, weight, elbo } = window.__latentia.views['learn/flow'];
    return { x: [...x], mean: [...mean], sd: [...sd], z: [...z], all: [likelihood, prior, q, weight], elbo };
  });
  check.ok((await page.textContent('main')).includes('is an estimate of the ELBO'), 'the mean of some draws passes for the ELBO');
  const codes = [await copied(page)];
  await page.click('[data-testid=draw]');
  await page.waitForFunction((z) => window.__latentia.views['learn/flow'].z[0] !== z, flow.z[0]);
  check.close(await page.evaluate(() => [...window.__latentia.views['learn/flow'].mean]), flow.mean, 'q after another eps');
  await page.click('button[aria-label=Undo]');
  await page.waitForFunction((z) => window.__latentia.views['learn/flow'].z[0] === z, flow.z[0]);
  check.ok(true, 'undo brings eps back');

  // The prior: draws are added, and what they decode to is the decoder's.
  await page.evaluate(() => window.__latentia.state.go('learn/prior'));
  await page.waitForFunction(() => window.__latentia.views['learn/prior']?.shown);
  await page.waitForSelector('[data-testid=plane] canvas:not([data-empty])');
  await check.drawn(page, 'the samples');
  // The reply is about the answer that was given, which is marked by words.
  const replies = [];
  for (const i of [0, 2]) {
    await page.click(`[data-testid=answer-${i}]`);
    replies.push(await page.textContent('.reply'));
    check.ok((await page.textContent(`[data-testid=answer-${i}]`)).includes('your answer'), 'one’s own answer is not marked');
  }
  check.ok(replies[0].includes('Five') && !replies[1].includes('Five') && replies[1].includes('Thirty'), `the replies: ${replies}`);
  await page.click('[data-testid=one]');
  await page.waitForFunction(() => window.__latentia.views['learn/prior'].at.length === 52);
  const prior = await page.evaluate(() => {
    const { at, shown, eps } = window.__latentia.views['learn/prior'];
    return { at: [...at], shown: [...shown], eps: [...eps] };
  });
  const asked = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const z = [prior.at.slice(0, 2), prior.at.slice(50)];
  const told = await (await fetch(`${two}/v1/decode`, { ...asked, body: JSON.stringify({ z }) })).json();
  const [first, last] = [prior.shown.slice(0, 784), prior.shown.slice(25 * 784)];
  check.close([...first, ...last], told.x.flat(3), 'the first and the last sample');
  await page.locator('[data-testid=temperature]').fill('0.5');
  await page.waitForFunction((half) => Math.abs(window.__latentia.views['learn/prior'].at[0] - half) < 1e-5, prior.eps[0] / 2);
  await page.focus('[data-testid=plane]');
  await page.evaluate(() => (window.__latentia.focus.z = [0.5, -0.5]));
  await page.keyboard.press('ArrowRight');
  check.close(await page.evaluate(() => [...window.__latentia.focus.z]), [0.6, -0.5], 'z by an arrow');
  codes.push(await copied(page));

  // As many draws as fit: what is off says why.
  check.equal(await page.$('[data-testid=full]'), null, 'the end of the draws before it is reached');
  while (await page.isEnabled('[data-testid=many]')) await page.click('[data-testid=many]');
  await page.waitForSelector('[data-testid=full]');

  // The ring, which is the next lesson, by the keyboard; and the last of them leads to Explore.
  await page.focus('[data-testid=next]');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.__latentia.state.view === 'learn/simple-prior');
  check.equal(await page.evaluate(() => document.activeElement.id), 'view', 'the focus in the next lesson');
  const links = await page.$$eval('#rail a', (all) => all.map(({ textContent }) => textContent));
  const title = await page.textContent('main h1');
  await page.waitForSelector('[data-testid=next]');
  check.equal(await page.textContent('[data-testid=next]'), links[links.indexOf(title) + 1], 'the lesson after it');
  await page.waitForFunction(() => window.__latentia.views['learn/simple-prior']?.shown);
  await page.click('[data-testid=play]'); // movement is unwelcome here: it is there at once
  const ring = await numbers(page, 'learn/simple-prior');
  check.ok(ring.before > 0.5 && ring.spread < 0.1, `the ring varies by ${ring.spread}, z by ${ring.before}`);
  for (const name of ['cloud', 'manifold']) await page.waitForSelector(`[data-testid=${name}] canvas:not([data-empty])`);
  await check.drawn(page, 'the ring and the manifold');
  codes.push(await copied(page));
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  const moved = await page.evaluate(async () => {
    const canvas = document.querySelector('[data-testid=cloud] canvas');
    document.querySelector('[data-testid=play]').click(); // and back
    const seen = new Set();
    for (let i = 0; i < 50; i++) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      seen.add(canvas.toDataURL());
    }
    return seen.size;
  });
  check.ok(moved > 3, `of the way back ${moved} pictures were seen`);
  await page.emulateMedia({ reducedMotion: 'reduce' });

  // Draws of the prior against draws of q, and the line by quadrature.
  await page.evaluate(() => window.__latentia.state.go('learn/sampling'));
  await page.waitForFunction(() => window.__latentia.views['learn/sampling']?.exact, null, { timeout: 120_000 });
  await page.waitForFunction(() => window.__latentia.views['learn/sampling/shifted']?.share !== undefined);
  const sampling = await numbers(page, 'learn/sampling');
  const shifted = await numbers(page, 'learn/sampling/shifted');
  check.equal(sampling.prior.count, 1000, 'draws');
  const off = Math.abs(sampling.q.estimate - sampling.exact);
  check.ok(off < 3, `draws of q are ${off} nats off`);
  check.ok(sampling.exact > flow.elbo.mean - 4 * flow.elbo.error, 'log p(x) is below the ELBO');
  check.ok(sampling.prior.effective < sampling.q.effective, 'the prior is worth more than q');
  for (const kind of ['prior', 'q']) {
    const isOff = Math.abs(sampling[kind].estimate - sampling.exact) > 3 * sampling[kind].error;
    const said = (await page.$(`[data-testid=${kind}-deceived]`)) !== null;
    check.equal(said, isOff, `whether the effective draws of ${kind} are said to deceive`);
  }
  // The bands are of runs with draws of their own: as long as the run itself they still differ.
  await page.waitForFunction(() => window.__latentia.views['learn/sampling'].bands.draws === 1000, null, { timeout: 120_000 });
  const { bands } = await numbers(page, 'learn/sampling');
  for (const [low, high] of [bands.prior, bands.q]) check.ok(high - low > 1e-3 && high < sampling.exact + 3, `a band of ${low} to ${high}`);
  check.ok((await page.textContent('[data-testid=band]')).includes('19 more runs, each with up to 1,000'), 'of what the bands are');
  codes.push(await copied(page), await copied(page, 1));

  const { run } = await (await fetch(`${two}/page-data/description`)).json();
  const grey = new Float32Array(await (await fetch(`${two}/page-data/examples?at=4`)).arrayBuffer());
  const input = JSON.stringify({ run, x: flow.x, z: flow.z, grey: [...grey], codes });
  const answer = spawnSync(python, ['-c', ASKING], { cwd: root, input, encoding: 'utf8' });
  if (answer.status !== 0) return check.fail(`Python: ${answer.stderr.slice(-1500)}`);
  const wanted = JSON.parse(answer.stdout);
  check.close(flow.mean, wanted.mean, 'the mean of q');
  check.close(flow.sd, wanted.sd, 'the deviation of q');
  check.close(flow.all, wanted.numbers, 'log p(x|z), log p(z), log q and log w');
  check.close([sampling.exact], [wanted.exact], 'log p(x) by quadrature');
  check.close([shifted.toBad, shifted.toGood], wanted.far, 'the squared distances');

  // Six latents: a grid, no exact line, and the way to one that has it.
  const other = await open('#/learn/prior', { url: six });
  await other.waitForFunction(() => window.__latentia.views['learn/prior']?.shown);
  check.equal(await other.locator('[data-testid=grid] button').count(), 25, 'samples of six latents');
  await other.evaluate(() => window.__latentia.state.go('learn/sampling'));
  await other.waitForFunction(() => window.__latentia.views['learn/sampling']?.asked);
  check.ok(!(await other.$('[data-testid=exact]')), 'an exact line of six latents');
  check.ok((await other.textContent('main')).includes('pretrained/two-latents'), 'it does not say which run to open');
}
