// Lessons on inference: log p(x), reconstruction and KL are Python's, log p(x) stands still under a
// drag, the best Gaussian beats the encoder, erased pixels are missing, both gradients agree.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const own = `${root}/.venv/bin/python`;
const python = process.env.PYTHON ?? (existsSync(own) ? own : 'python3');
const PLACE = 7;

// log p(x) by the grid, E_q[log p(x|z)] by Gauss and Hermite, KL in closed form; the lower half missing.
const ASKED = `
import json, sys
import numpy as np, torch
import latentia as lt
from latentia.evidence.quadrature import Quadrature
run, hexed = sys.argv[1:]
vae = lt.load(run)
bits = np.unpackbits(np.frombuffer(bytes.fromhex(hexed), np.uint8)).reshape(1, 28, 28)
x = 255 * bits
how = {"name": "quadrature", "tolerance": 1e-5}
q = vae.posterior(x)
mean, sd = q.mean[0].detach(), q.stddev[0].detach()
at, weight = np.polynomial.hermite_e.hermegauss(48)
u, v = np.meshgrid(at, at)
eps = torch.tensor(np.stack([u.ravel(), v.ravel()], -1), dtype=torch.float32)
w = np.outer(weight, weight).ravel() / weight.sum() ** 2
with torch.no_grad():
    each = vae.model_.log_likelihood(vae.plain(x), (mean + sd * eps)[:, None])[:, 0]
gone = vae.plain(x).clone()
gone[:, :, 14:] = torch.nan
left = vae.model_.posterior(gone)
print(json.dumps({
    "evidence": float(vae.evidence(x, method=how).each[0]),
    "half": float(Quadrature(tolerance=1e-5)(vae.model_, gone).log_likelihood[0]),
    "mean": left.mean[0].tolist(),
    "reconstruction": float((w * each.double().numpy()).sum()),
    "kl": float((0.5 * (mean**2 + sd**2 - 1) - sd.log()).sum()),
}))
`;

function fromPython(run, x) {
  const bytes = Buffer.alloc(x.length / 8);
  x.forEach((value, i) => (bytes[i >> 3] |= value << (7 - (i & 7))));
  const said = spawnSync(python, ['-c', ASKED, run, bytes.toString('hex')], { cwd: root, encoding: 'utf8' });
  if (said.status !== 0) throw new Error(said.stderr);
  return JSON.parse(said.stdout);
}

export default async function ({ open, check, two, six }) {
  const { run } = await (await fetch(`${two}/page-data/description`)).json();
  const drawn = await fetch(`${two}/page-data/examples?at=${PLACE}&drawn=true`);
  const wanted = fromPython(run, new Float32Array(await drawn.arrayBuffer()));

  // The ELBO, live.
  const page = await open(`#/learn/elbo?x=${PLACE}`);
  page.setDefaultTimeout(90_000);
  const atRest = async () => {
    await page.waitForTimeout(60);
    await page.waitForFunction(() => {
      const { numbers, reached } = window.__latentia.views['learn/elbo'] ?? {};
      return numbers?.isExact && reached.encoder !== undefined;
    });
    return page.evaluate(() => {
      const { numbers, reached } = window.__latentia.views['learn/elbo'];
      return { ...numbers, reached };
    });
  };
  const holds = (n, what) => {
    check.close([n.elbo + n.klPosterior, n.reconstruction - n.kl], [n.logEvidence, n.elbo], `${what}: ELBO + gap`);
    check.close([n.logEvidence], [wanted.evidence], `${what}: log p(x)`);
  };
  const first = await atRest();
  holds(first, 'the encoder’s q');
  check.close([first.reconstruction, first.kl], [wanted.reconstruction, wanted.kl], 'reconstruction and KL');
  await check.drawn(page, 'the plane');

  check.equal(await page.$('[data-testid=why]'), null, 'the text before an answer');
  await page.click('[data-testid=answer-0]');
  await page.waitForSelector('[data-testid=why]');
  for (const name of ['jensen', 'by-kl']) await page.click(`[data-testid=${name}] summary`);

  // A drag of the mean, frame by frame: the ELBO moves, log p(x) does not.
  const said = (name) => page.textContent(`[data-testid=bar-${name}]`);
  await page.evaluate(() => document.querySelector('[data-plane]').scrollIntoView({ block: 'center' }));
  const box = await (await page.$('[data-testid=handle-mean]')).boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  const seen = new Set();
  const still = new Set();
  for (let k = 1; k <= 20; k++) {
    await page.mouse.move(x + 3 * k, y - 2 * k);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    seen.add(await said('elbo'));
    still.add(Number((await said('evidence')).replace('−', '-')).toFixed(2));
  }
  check.ok(seen.size > 10, `the ELBO moved through ${seen.size} values only`);
  check.equal(still.size, 1, 'values of log p(x) during a drag');
  const times = await page.evaluate(() => [...window.__latentia.views['learn/elbo'].times].slice(-20).sort((a, b) => a - b));
  check.ok(times[Math.floor(times.length / 2)] < 50, `a movement takes ${times[Math.floor(times.length / 2)]} ms`);
  await page.mouse.up();
  const moved = await atRest();
  holds(moved, 'after a drag');
  check.ok(Math.abs(moved.q.mean[0] - first.q.mean[0]) > 1e-3, 'the mean did not move');
  check.ok(moved.reached.you === moved.elbo, 'no record of the hand');
  await page.keyboard.press('Control+z');
  await page.waitForFunction((to) => Math.abs(window.__latentia.views['learn/elbo'].numbers.q.mean[0] - to) < 1e-4, first.q.mean[0]);

  // Keys: an axis, and the angle.
  const value = (name) => page.getAttribute(`[data-testid=handle-${name}]`, 'aria-valuenow').then(Number);
  const before = [await value('first'), await value('angle')];
  await page.focus('[data-testid=handle-first]');
  await page.keyboard.press('ArrowUp');
  await page.focus('[data-testid=handle-angle]');
  await page.keyboard.press('ArrowRight');
  check.ok((await value('first')) > before[0] && (await value('angle')) > before[1], 'keys move no handle');
  for (const name of ['first', 'angle']) {
    const at = (end) => page.getAttribute(`[data-testid=handle-${name}]`, `aria-value${end}`).then(Number);
    for (const [key, end] of [['Home', 'min'], ['End', 'max']]) {
      await page.focus(`[data-testid=handle-${name}]`);
      await page.keyboard.press(key);
      await page.keyboard.press(key); // which changes nothing more
      check.close([await value(name)], [await at(end)], `${key} of the handle ${name}`, 1e-3);
    }
  }

  await page.click('[data-testid=to-best]');
  await page.waitForFunction(() => window.__latentia.views['learn/elbo'].reached.best !== undefined);
  const best = await atRest();
  holds(best, 'the best');
  const { encoder, independent } = best.reached;
  check.ok(encoder < independent && independent <= best.reached.best + 1e-6, 'the best is not above the encoder');
  check.ok(best.reached.best < best.logEvidence, 'the best is above log p(x)');
  await check.accessible(page, 'the ELBO, after everything');

  // From where the best was shown nothing is won, which is said; once q is put back a hand's move counts.
  await page.evaluate(() => window.__latentia.focus.pin(8));
  await page.waitForFunction(() => window.__latentia.views['learn/elbo'].place === 8);
  await atRest();
  await page.click('[data-testid=to-best]');
  await page.waitForFunction(() => window.__latentia.views['learn/elbo'].reached.best !== undefined);
  await atRest();
  const nudged = async () => {
    await page.focus('[data-testid=handle-first]');
    await page.keyboard.press('ArrowUp');
    return atRest();
  };
  check.equal((await nudged()).reached.you, undefined, 'a record of a hand that began at the best');
  check.ok((await page.textContent('[data-testid=game]')).includes('counts again'), 'nothing is said of what no longer counts');
  await page.click('[data-testid=to-encoder]');
  await atRest();
  const again = await nudged();
  check.equal(again.reached.you, again.elbo, 'the record of a hand that began at the encoder’s');
  check.ok(!(await page.textContent('[data-testid=game]')).includes('counts again'), 'what counts is said not to');
  await page.waitForFunction(
    (elbo) => {
      const heard = document.querySelector('p.hidden[aria-live=polite]').textContent.replaceAll('−', '-');
      const [, said, gap] = /^ELBO (\S+), gap (\S+) nats$/.exec(heard) ?? [];
      return Math.abs(Number(said) - elbo) < 0.01 && Number(gap) > 0;
    },
    again.elbo,
  );
  check.ok(true, 'the ELBO and its gap are heard');

  // The posterior where pixels are missing, and where all are: the prior.
  const plane = await open(`#/learn/posterior?x=${PLACE}`);
  plane.setDefaultTimeout(90_000);
  const found = async () => {
    await plane.waitForTimeout(60);
    await plane.waitForFunction(() => window.__latentia.views['learn/posterior']?.isCurrent);
    return plane.evaluate(() => {
      const { cells, matched, encoder } = window.__latentia.views['learn/posterior'].found;
      return { evidence: cells.logEvidence, axes: matched.axes, mean: encoder.mean };
    });
  };
  check.close([(await found()).evidence], [wanted.evidence], 'log p(x)');
  // Close up it is the same integral: its cells are seen there at once, and it is said that more comes.
  const close = await plane.evaluate(async () => {
    const view = () => window.__latentia.views['learn/posterior'];
    window.cells = view().found.cells;
    const far = document.querySelector('[data-plane] .axes text').textContent;
    document.querySelector('[data-testid=view] [data-value=close]').click();
    for (let i = 0; i < 2; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
    const near = document.querySelector('[data-plane] .axes text').textContent;
    return { isDone: view().isDone, far, near, said: document.querySelector('[data-testid=state]').textContent };
  });
  check.ok(!close.isDone && close.near !== close.far && close.said, `close up, at once: ${JSON.stringify(close)}`);
  await plane.waitForFunction(() => window.__latentia.views['learn/posterior'].isDone);
  const [isSame, n] = await plane.evaluate(() => {
    const { cells, close } = window.__latentia.views['learn/posterior'].found;
    return [cells === window.cells, close.length];
  });
  check.ok(isSame && n === 4096, 'close up all is integrated anew');
  await check.drawn(plane, 'the posterior, close up');
  await plane.click('[data-testid=view] [data-value=whole]');
  await plane.click('[data-testid=lower]');
  const half = await found();
  check.close([half.evidence, ...half.mean], [wanted.half, ...wanted.mean], 'log p and q of the upper half');
  const left = await plane.evaluate(() => window.__latentia.views['learn/posterior'].gone.filter(Boolean).length);
  check.equal(left, 392, 'pixels erased');
  // No number of the x that was there stands beside another x.
  const stale = await plane.evaluate(async () => {
    const before = document.querySelector('[data-testid=numbers] b').textContent;
    document.querySelector('[data-testid=all]').click();
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const after = document.querySelector('[data-testid=numbers] b').textContent;
    return { before, after, isCurrent: window.__latentia.views['learn/posterior'].isCurrent };
  });
  check.ok(!stale.isCurrent && stale.after === '…' && stale.before !== '…', `the numbers meanwhile: ${JSON.stringify(stale)}`);
  const nothing = await found();
  check.close([nothing.evidence, ...nothing.axes], [0, 1, 1], 'p(z|nothing) is not the prior', 1e-3);
  const last = await plane.textContent('[data-testid=numbers] div:last-child dd');
  check.ok(!/(^|\s)0\.0*(,|$)/.test(last), `deviations of q without a digit: ${last}`);
  const isBeyond = Math.max(...nothing.mean.map(Math.abs)) > 4;
  if (isBeyond) check.ok((await plane.textContent('.plane .under')).includes('outside'), 'an ellipse beyond the edge of which nothing is said');
  await check.drawn(plane, 'the posterior');

  // Restore says log p of what is left within the error that it says.
  const restored = await open(`#/learn/denoise?x=${PLACE}&denoise.erased=392,392`);
  await restored.waitForFunction(() => window.__latentia.views['learn/denoise']?.error);
  const { logEvidence, error } = await restored.evaluate(() => {
    const { logEvidence, error } = window.__latentia.views['learn/denoise'];
    return { logEvidence, error };
  });
  check.ok(error > 0 && error < 0.5 && Math.abs(logEvidence - wanted.half) < 5 * error, `log p of a half: ${logEvidence} ± ${error}, not ${wanted.half}`);

  // Without an example chosen the panel shows the one that the lesson works on.
  const unchosen = await open('#/learn/reparameterization');
  await unchosen.waitForFunction(() => window.__latentia.focus.q && window.__latentia.focus.decoded);
  check.ok((await unchosen.textContent('[data-testid=inspector]')).includes('Example 0'), 'the panel shows no example');
  await unchosen.evaluate(() => window.__latentia.state.go('explore/map'));
  await unchosen.waitForFunction(() => !window.__latentia.focus.x);
  check.equal(await unchosen.evaluate(() => window.__latentia.focus.example), null, 'the example elsewhere');

  // Two gradients of one mean, in more than two latents too.
  const dice = await open(`#/learn/reparameterization?x=${PLACE}&reparameterization.n=10000&reparameterization.baseline=1`, { url: six, moves: true });
  await dice.waitForFunction(() => window.__latentia.views['learn/reparameterization']?.ratio);
  const { path, score } = await dice.evaluate(() => window.__latentia.views['learn/reparameterization'].spreads);
  check.ok(Math.abs(path.mean - score.mean) < 5 * (path.error + score.error), 'the gradients disagree');
  check.ok(score.variance > path.variance, 'the score function varies less');

  // Where one of both has all but no variance, that is said in digits, and the ratio is bounded.
  await dice.evaluate((x) => (location.hash = `#/learn/reparameterization?x=${x}&reparameterization.latent=0&reparameterization.q=${x},0,0.3,0.00001`), PLACE);
  await dice.waitForFunction(() => window.__latentia.views['learn/reparameterization'].ratio > 1e6);
  check.equal(await dice.textContent('[data-testid=ratio]'), '> 1,000,000', 'a ratio of the sky');
  check.ok((await dice.textContent('[data-testid=ratio-said]')).includes('more than 1,000,000 times'), 'what is said of it');
  const heads = await dice.locator('[data-testid=path] figcaption .number').allTextContents();
  check.ok(heads.length === 2 && !heads.some((head) => /(^|[^\d.])0\.0+(?!\d)/.test(head)), `a variance without a digit: ${heads.join('; ')}`);

  // KL: its area, its formula, and where it is 0.
  const kl = await open('#/learn/kl?kl.mu=0.7&kl.sigma=0.3');
  const closed = 0.5 * (0.49 + 0.09 - 1) - Math.log(0.3);
  const numbers = () => kl.evaluate(() => window.__latentia.views['learn/kl']);
  await kl.waitForFunction(() => window.__latentia.views['learn/kl']);
  const { forward, area } = await numbers();
  check.close([forward, area], [closed, closed], 'KL');
  // As it is written the formula makes what is written, and what is large has its thousands apart.
  const written = async () => [await kl.textContent('dl dd'), await kl.textContent('[data-testid=closed]')];
  const [terms, whole] = (await written()).map((text) => text.replaceAll('−', '-').replaceAll(/[½() ,]/g, ''));
  const sum = terms.match(/[+-]?[\d.]+/g).reduce((all, term) => all + Number(term), 0);
  check.close([sum / 2], [Number(whole)], `the terms of the formula: ${terms}`, 1e-9);
  await kl.evaluate(() => (location.hash = '#/learn/kl?kl.mu=2&kl.sigma=0.02&kl.way=reverse'));
  await kl.waitForFunction(() => window.__latentia.views['learn/kl'].reverse > 1000);
  check.ok(/^\d,\d{3}$/.test((await written())[1]), `a large KL is ${(await written())[1]}`);
  await kl.click('[data-testid=to-prior]');
  await kl.waitForFunction(() => window.__latentia.views['learn/kl'].forward < 1e-12);
  check.ok(true, 'KL is 0 at the prior');

  // The q of an example is that of the x its bound is about: over the latents it makes the panel's KL.
  const overLatents = async (of) => {
    await kl.waitForFunction((of) => {
      const { 'learn/kl': view, inspector } = window.__latentia.views;
      const { of: at } = view?.seen ?? {};
      return (of === null ? at?.length : at === of) && inspector?.error !== undefined;
    }, of);
    let all = 0;
    for (const d of [0, 1]) {
      await kl.click(`[data-testid=latent-${d}]`);
      await kl.waitForTimeout(60);
      all += (await numbers()).forward;
    }
    return [all, await kl.evaluate(() => window.__latentia.views.inspector.kl)];
  };
  await kl.evaluate((x) => (location.hash = `#/learn/kl?x=${x}`), PLACE);
  const [made, panel] = await overLatents(PLACE);
  check.close([made, panel], [wanted.kl, wanted.kl], 'KL over the latents, and that of the panel', 1e-3);
  // And that of an x of one's own, beside which nobody is asked for an example.
  await kl.evaluate(async () => {
    const { focus, page } = window.__latentia;
    await focus.show((await page.source.examples([5])).map((value) => (value > 0.5 ? 1 : 0)));
  });
  const [ofOwn, beside] = await overLatents(null);
  check.close([ofOwn], [beside], 'KL over the latents of an own x', 1e-3);
  check.equal(await kl.locator('main [data-testid^=example-]').count(), 0, 'examples offered beside an own x');
}
