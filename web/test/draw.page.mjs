// Draw: an example's KL and log p(x|z) are Python's, strokes are drawn and undone, a shift costs.

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, serving } from './served.mjs';

const view = (page) => page.evaluate(() => {
  const found = window.__latentia.views['learn/draw'];
  const { mean, sd } = found.q;
  const plain = ({ x, parts, z, evidence, gap, share }) => ({ x: [...x], parts, z: [...z], evidence, gap, share });
  return { ...plain(found), mean: [...mean], sd: [...sd] };
});
/** Of a run whose data are gone: nothing is computed of nothing, and what is drawn is computed. */
async function withoutData({ bare, check, folder }) {
  const run = join(folder, 'gone');
  cpSync(join(folder, 'two'), run, { recursive: true });
  const config = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8'));
  config.data.request = join(folder, 'gone.npy');
  writeFileSync(join(run, 'config.json'), JSON.stringify(config));
  const gone = await serving(run);
  try {
    const page = await bare(`${gone.url}/#/learn/draw`);
    await page.waitForFunction(() => window.__latentia?.ready);
    const said = await page.textContent('[data-testid=evidence]');
    check.ok(said.includes('–') && said.includes('nothing is drawn'), `log p(x) of nothing: ${said}`);
    check.ok(!(await page.textContent('main')).includes('± –'), 'the error of a number that is not there');
    await page.focus('[data-testid=pad]');
    for (const key of ['Space', ...Array(6).fill('ArrowRight'), 'Space']) await page.keyboard.press(key);
    await settled(page);
    check.ok(/\d/.test(await page.textContent('[data-testid=evidence] b')), 'log p(x) of what is drawn');

    // What wants examples says so above the map, and looks again in vain.
    await page.evaluate(() => (location.hash = '#/explore/map'));
    await page.click('[data-testid=look]');
    await page.waitForFunction(() => document.querySelector('[data-testid=missing] [role=status]').textContent.includes('still'));
    await page.goto('about:blank');
  } finally {
    gone.child.removeAllListeners('exit');
    gone.child.kill('SIGKILL');
  }
}

/** A model of p(x|c) says so, and few effective draws say that they are few. */
async function conditioned({ open, check }) {
  const { url, child } = await serving(join(root, 'pretrained/cvae'), '--data', 'mnist5k', '--limit', '24');
  try {
    const page = await open('#/learn/draw?x=0&draw.right=3&draw.answer=2', { url });
    await settled(page);
    const said = await page.textContent('main');
    for (const formula of ['log p(x|c)', 'E[x|z, c]', 'KL(q(z|x, c) ‖ p(z|x, c))'])
      check.ok(said.includes(formula), `${formula} of a model of p(x|c)`);
    check.equal(said.match(/[^a-z]p\(x\)|[pq]\([xz]\|[xz]\)/)?.[0], undefined, 'a formula without c');
    check.ok(await page.isVisible('[data-testid=few]'), 'draws of which few are effective are not told so');
    await page.goto(`${url}/#/learn/flow?x=0&flow.said=1`);
    await page.waitForFunction(() => window.__latentia.views['learn/flow']?.elbo);
    const flow = await page.textContent('main');
    check.ok(flow.includes('log p(x|z, c)') && flow.includes('μ(x, c)'), 'the flow of a model of p(x|c)');
    check.equal(flow.match(/[pq]\([xz]\|[xz]\)/)?.[0], undefined, 'a formula of the flow without c');
    await page.goto('about:blank');
  } finally {
    child.kill('SIGKILL');
  }
}

const settled = (page) => page.waitForFunction(() => window.__latentia.views['learn/draw']?.evidence !== undefined);

export default async function ({ open, bare, check, two, folder }) {
  await withoutData({ bare, check, folder });
  await conditioned({ open, check });
  const page = await open('#/learn/draw?x=5', { url: two });
  await settled(page);
  const found = await view(page);
  const kl = new Float32Array(await (await fetch(`${two}/page-data/array/kl`)).arrayBuffer());
  check.close([found.parts.kl], [kl[5]], 'KL of the example');
  check.ok(found.evidence > found.parts.elbo - 3 * found.parts.error, `log p(x) ${found.evidence} below the ELBO ${found.parts.elbo}`);
  check.close([found.gap], [Number(found.evidence.toFixed(1)) - Number(found.parts.elbo.toFixed(1))], 'the gap');
  check.ok((await page.textContent('[data-testid=gap]')).includes(found.gap.toFixed(1).replace('-', '−')), 'the gap is not shown');

  // E_q[log p(x|z)] over the page's own draws of z, with Python's decoder.
  const asked = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const rows = Array.from({ length: found.z.length / 2 }, (_, i) => found.z.slice(2 * i, 2 * i + 2));
  const decoded = await (await fetch(`${two}/v1/decode`, { ...asked, body: JSON.stringify({ z: rows }) })).json();
  const sum = decoded.x.map((one) => one.flat(2).reduce((all, p, d) => all + Math.log(found.x[d] ? p : 1 - p), 0));
  check.close([found.parts.reconstruction], [sum.reduce((a, b) => a + b) / sum.length], 'E_q[log p(x|z)]');

  // Three pixels to the side: what the lesson asks.
  await page.evaluate(() => {
    const slider = document.querySelector('[data-testid=right]');
    slider.value = '3';
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    slider.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await page.waitForFunction((old) => window.__latentia.views['learn/draw'].parts.elbo < old - 20, found.parts.elbo);
  check.equal(await page.isVisible('[data-testid=beyond]'), false, 'the mark of what lies beyond the axis, of what does not');
  check.ok((await view(page)).share < found.share, 'a shifted digit has no lower place');
  await page.click('[data-testid=answer-2]');
  check.ok(await page.isVisible('[data-testid=why]'), 'no why after the answer');
  await page.evaluate(() => window.__latentia.state.set('draw.inverted', '1'));
  await page.waitForSelector('[data-testid=beyond]');
  check.ok(/% lie lower/.test(await page.textContent('.judged .mark')), 'no rank of what lies beyond the axis');
  await page.click('[data-testid=clear]');

  // A stroke by the pointer, and a second one that is undone.
  const pad = await page.locator('[data-testid=pad]').boundingBox();
  const stroke = async (points) => {
    const at = points.map(([x, y]) => [pad.x + x * pad.width, pad.y + y * pad.height]);
    await page.mouse.move(...at[0]);
    await page.mouse.down();
    for (const one of at.slice(1)) await page.mouse.move(...one, { steps: 4 });
    await page.mouse.up();
  };
  await stroke([[0.5, 0.2], [0.48, 0.8]]);
  await page.waitForFunction((old) => {
    const now = window.__latentia.views['learn/draw'];
    return now.evidence !== undefined && now.x.join() !== old;
  }, found.x.join());
  const one = await view(page);
  const ink = one.x.map((value, d) => (value ? d : -1)).filter((d) => d >= 0);
  const rowsOfInk = ink.map((d) => Math.floor(d / 28));
  check.ok(Math.max(...rowsOfInk) - Math.min(...rowsOfInk) <= 20, 'the drawing is not of the size of MNIST');
  check.ok(one.share > 0.5, 'a bar is not as probable as it should be');
  await page.waitForFunction(
    (elbo) => [...document.querySelectorAll('[aria-live=polite]')].some(({ textContent }) => textContent.startsWith(`ELBO ${elbo}`)),
    one.parts.elbo.toFixed(1).replace('-', '−'),
  );
  await stroke([[0.2, 0.3], [0.8, 0.35]]);
  await page.waitForFunction((old) => window.__latentia.views['learn/draw'].x.join() !== old, one.x.join());
  await page.click('[data-testid=undo-stroke]');
  await page.waitForFunction((old) => window.__latentia.views['learn/draw'].x.join() === old, one.x.join());
  // One notion of undo: what the button took back is not brought back by undo, but by redo.
  const drawn = () => page.evaluate(() => (window.__latentia.state.entry('draw.strokes') ?? '').split('.').filter(Boolean).length);
  await page.keyboard.press('Control+z');
  check.equal(await drawn(), 0, 'strokes after the button and undo');
  await page.keyboard.press('Control+Shift+z');
  await page.keyboard.press('Control+Shift+z');
  check.equal(await drawn(), 2, 'strokes after both are done again');
  await page.keyboard.press('Control+z');
  await page.waitForFunction((old) => window.__latentia.views['learn/draw'].x.join() === old, one.x.join());
  // The same by keys: a bar across, which is a stroke of its own once the pen is lifted.
  const strokes = () => page.evaluate(() => window.__latentia.state.entry('draw.strokes').split('.').length);
  const many = await strokes();
  await page.focus('[data-testid=pad]');
  for (const key of ['ArrowLeft', 'Space', ...Array(6).fill('ArrowRight'), 'Space']) await page.keyboard.press(key);
  await page.waitForFunction((old) => window.__latentia.views['learn/draw'].x.join() !== old, one.x.join());
  check.equal(await strokes(), many + 1, 'strokes with one that was drawn by keys');
  await page.keyboard.press('Control+z');
  check.equal(await strokes(), many, 'strokes after it is undone');
  await page.waitForFunction((old) => window.__latentia.views['learn/draw'].x.join() === old, one.x.join());
  check.ok(page.url().includes('learn/draw'), 'the view was left');
  await page.waitForTimeout(300);
  check.ok(page.url().includes('draw.strokes='), 'the drawing is not in the link');

  // Taken along: x and its own ELBO are there, and still are where the link is opened anew.
  const last = await view(page);
  const panel = async () => {
    await page.waitForFunction(() => window.__latentia.focus.isOwn && window.__latentia.views.inspector?.error !== undefined);
    return page.evaluate(() => {
      const { focus, views, state } = window.__latentia;
      const said = document.querySelector('[data-testid=inspector] [data-testid=bound]')?.textContent ?? '';
      return { x: [...focus.x], q: [...focus.q.mean], z: [...focus.z], ...views.inspector, said, link: state.link() };
    });
  };
  await page.locator('.flow > .bar > .button').click();
  await page.waitForFunction(() => window.__latentia.state.view === 'explore/latents');
  const taken = await panel();
  check.close(taken.x, last.x, 'x that was taken along');
  const far = Math.abs(taken.elbo - last.parts.elbo);
  check.ok(far < 5 * (taken.error + last.parts.error), `the ELBO of the panel, ${taken.elbo}, not ${last.parts.elbo}`);
  check.ok(taken.said.includes(Math.abs(taken.elbo).toFixed(2)), `the panel says ${taken.said}, not ${taken.elbo}`);
  check.ok(taken.link.length < 1500, `a link of ${taken.link.length} characters`);
  const again = await open(`#${taken.link.split('#')[1]}`, { url: two });
  await again.waitForFunction(() => window.__latentia.views.inspector?.error !== undefined);
  const opened = await again.evaluate(() => {
    const { focus, views } = window.__latentia;
    return { x: [...focus.x], q: [...focus.q.mean], z: [...focus.z], elbo: views.inspector.elbo };
  });
  for (const key of ['x', 'q', 'z']) check.close(opened[key], taken[key], `${key} of the link`);
  check.close([opened.elbo], [taken.elbo], 'the ELBO of the link');

  // And undone, it is the example again.
  await page.evaluate(() => window.__latentia.focus.pin(3));
  await page.waitForFunction(() => window.__latentia.focus.example === 3 && window.__latentia.focus.nats);
  check.ok(!(await page.evaluate(() => window.__latentia.state.link())).includes('own='), 'an x of one\'s own beside an example');
  await page.keyboard.press('Control+z');
  check.close((await panel()).x, taken.x, 'x after undo');

  // A click beside the points of a map puts z there, and keeps it.
  await page.evaluate(() => window.__latentia.state.go('explore/map'));
  const canvas = page.locator('main canvas').first();
  const box = await canvas.boundingBox();
  await page.mouse.click(box.x + 6, box.y + box.height - 6);
  await page.waitForTimeout(200);
  check.ok(await page.evaluate(() => window.__latentia.focus.isOwn), 'an x of one\'s own is lost by a click beside the points');

  // Let go of, x is nobody's and z stays.
  const { z } = await panel();
  await page.locator('[data-testid=inspector] .who button').click();
  await page.waitForFunction(() => !window.__latentia.focus.isOwn && !window.__latentia.focus.x);
  check.close(await page.evaluate(() => [...window.__latentia.focus.z]), z, 'z of an x that was let go of');
  check.ok(!(await page.evaluate(() => window.__latentia.state.link())).includes('own='), 'an x that was let go of is in the link');
}
