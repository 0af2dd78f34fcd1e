// Models of p(x|c): a grid of z by c as Python's, c in hand moves every view and stands in the URL.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { latentia, python as interpreter, root, serving } from './served.mjs';

const VIEW = 'explore/conditions';
const PEOPLE = ['north', 'east', 'south'];

/** A table of a class and a number, on which its other columns depend, under a prior. */
function people(folder, prior) {
  const lines = ['site,age,height,weight'];
  for (let i = 0; i < 300; i++) {
    const [site, age, wobble] = [i % 3, 30 + ((7 * i) % 41), Math.sin(12.9898 * i)];
    lines.push([PEOPLE[site], age, (170 + 7 * wobble + 4 * site).toFixed(1), (70 + 9 * wobble + 0.3 * (age - 50)).toFixed(1)].join());
  }
  const table = join(folder, 'people.csv');
  writeFileSync(table, `${lines.join('\n')}\n`);
  const run = join(folder, `people-${prior}`);
  latentia('train', table, '--condition', 'site,age', '--prior', prior, '--latent-dim', '2', '--epochs', '3', '--compile', 'no', '--quiet', '--out', run);
  return run;
}

const decoding = (url) => async (z, condition) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/v1/decode`, { method: 'POST', headers, body: JSON.stringify({ z, condition }) });
  return (await answer.json()).x.flat(2);
};

export default async function ({ open, check, folder }) {
  const digits = await serving(join(root, 'pretrained/cvae'), '--data', 'mnist5k', '--limit', '120');
  const table = await serving(people(folder, 'conditional'), '--limit', '120');
  const mixed = await serving(people(folder, 'mixture'), '--limit', '120');
  try {
    await classes(open, check, digits.url);
    await everywhere(open, check, digits.url);
    await numbers(open, check, table.url);
    await ofNoConditions(open, check, mixed.url);
    await beside(open, check, folder);
  } finally {
    for (const { child } of [digits, table, mixed]) child.kill('SIGKILL');
  }
}

const seen = (page) =>
  page.evaluate((view) => {
    const { found, under, rows } = window.__latentia.views[view];
    return { z: [...found.z], shown: [...found.shown], under, rows };
  }, VIEW);
const ready = (page, n) =>
  page.waitForFunction(([view, n]) => window.__latentia.views[view]?.found?.shown.length === n, [VIEW, n]);

async function classes(open, check, url) {
  const python = decoding(url);
  const page = await open(`#/${VIEW}?x=3&conditions.rows=3`, { url });
  await ready(page, 3 * 10 * 784);
  const { z, shown } = await seen(page);
  const cell = (row, k) => shown.slice((10 * row + k) * 784, (10 * row + k + 1) * 784);
  for (const [row, k] of [[0, 7], [1, 0], [2, 4]]) {
    const own = z.slice(100 * row + 10 * k, 100 * row + 10 * k + 10);
    check.close(own, z.slice(100 * row, 100 * row + 10), `z of row ${row} stays`);
    check.close(cell(row, k), await python([own], { label: String(k) }), `row ${row} under ${k}`);
  }
  await check.drawn(page, 'conditions');

  // A column's head takes c, a cell both; each is one step.
  const held = () => page.evaluate(() => [window.__latentia.state.entry('c'), ...window.__latentia.focus.z]);
  const before = await held();
  check.equal(before[0], undefined, 'c is that of the example, and in no URL');
  await page.click('[data-testid=c-7]');
  check.equal((await held())[0], '7', 'c is in the URL');
  await page.waitForTimeout(300);
  check.close(await page.evaluate(() => [...window.__latentia.focus.decoded.shown]), cell(0, 7), 'the inspector follows c');
  check.ok((await page.textContent('[data-testid=under-c]')).includes('label 7'), 'the inspector says c');
  const own = await page.evaluate(() => window.__latentia.focus.ownC[0]);
  check.ok((await page.textContent('[data-testid=nats-c]')).includes(`own c: label ${own}`), 'of which c the numbers of the example are');
  await page.focus('[data-cell="0,0"]');
  for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
  const [c, ...inHand] = await held();
  check.equal(c, '2', 'c of the cell');
  check.close(inHand, z.slice(100, 110), 'z of the cell');
  for (let i = 0; i < 2; i++) await page.click('button[aria-label=Undo]');
  check.close((await held()).slice(1), before.slice(1), 'z as it was');
  await check.accessible(page, 'conditions');
}

/** What is shown of each view, by what it exposes. */
const SHOWN = {
  'explore/latents': () => [...window.__latentia.focus.decoded.shown],
  'explore/attributes': () => [...window.__latentia.views['explore/attributes'].strip],
  'explore/inpaint': () => [...(window.__latentia.views['explore/inpaint'].found?.mean ?? [])],
  'explore/paths': () => [...window.__latentia.views['explore/paths'].frames],
};

async function everywhere(open, check, url) {
  const page = await open('#/explore/map?x=3&z=0.5,-1,0,0,0,0,1,0,0,0', { url });
  for (const [view, shown] of Object.entries(SHOWN)) {
    await page.evaluate((to) => window.__latentia.state.go(to), view);
    const now = () => page.evaluate(shown).catch(() => []);
    const isSame = (a, b) => a.length === b.length && a.every((value, k) => value === b[k]);
    /** What is shown under a class, once it is another than before and stands still. */
    const under = async (label) => {
      const before = await now();
      await page.selectOption('[data-testid=given-label]', label);
      let last = before;
      for (let i = 0; i < 120; i++) {
        await page.waitForTimeout(250);
        const found = await now();
        if (found.length && !isSame(found, before) && isSame(found, last)) return found;
        last = found;
      }
      return last;
    };
    const [one, eight] = [await under('1'), await under('8')];
    const away = Math.max(...one.map((value, i) => Math.abs(value - eight[i])));
    check.ok(away > 0.3, `${view}: c moves nothing that is shown (${away})`);
  }

  // A path says its c, and can let it go along.
  const python = decoding(url);
  const walk = () => page.evaluate(() => {
    const { rows, frames } = window.__latentia.views['explore/paths'];
    return { rows: [...rows], frames: [...frames] };
  });
  const held = await walk();
  check.ok((await page.textContent('[data-testid=under]')).includes('label 8'), 'a path says its c');
  check.close(held.frames.slice(0, 784), await python([held.rows.slice(0, 10)], { label: '8' }), 'the path under 8');
  await page.click('[data-testid=c-way] [data-value=ends]');
  await page.waitForTimeout(900);
  const { rows, frames } = await walk();
  const ends = await page.evaluate(() => {
    const labels = [...document.querySelectorAll('[data-testid=through] button[aria-label]')];
    const places = labels.map((one) => /\d+/.exec(one.getAttribute('aria-label'))?.[0]).filter(Boolean);
    return [places[0], places.at(-1)].map((place) => window.__latentia.focus.cOf(Number(place))[0]);
  });
  check.ok(ends[0] !== ends[1], `both ends are ${ends[0]}`);
  check.close(frames.slice(0, 784), await python([rows.slice(0, 10)], { label: String(ends[0]) }), 'the path begins under its own c');
  check.close(frames.slice(-784), await python([rows.slice(-10)], { label: String(ends[1]) }), 'the path ends under its own c');
}

async function numbers(open, check, url) {
  const python = decoding(url);
  const page = await open(`#/${VIEW}?x=5&conditions.vary=1&conditions.rows=2`, { url });
  await ready(page, 2 * 9 * 2);
  const { z, shown, under } = await seen(page);
  const offset = await page.evaluate(() => window.__latentia.page.description.x.offset);
  for (const k of [0, 8]) {
    const [site, age] = under[k];
    const x = shown.slice(2 * k, 2 * k + 2).map((value, i) => value + (offset[i] ?? 0));
    const sites = await page.evaluate(() => window.__latentia.page.description.conditions[0].classes);
    check.close(x, await python([z.slice(2 * k, 2 * k + 2)], { site: sites[site], age }), `at age ${age}`);
  }
  await copied(page, check, shown.map((value, i) => value + (offset[i % 2] ?? 0)));

  const given = await page.evaluate(() => window.__latentia.focus.c);
  check.equal(under[0][0], given[0], 'the other condition is held');
  await page.selectOption('[data-testid=vary]', '0');
  await ready(page, 2 * 3 * 2);
  check.close((await seen(page)).under.map(([site]) => site), [0, 1, 2], 'every site');
  await check.accessible(page, 'conditions of a table');

  // Its numbers are of one draw, under its own c: which is said once another is in hand.
  check.equal(await page.locator('[data-testid=nats-c]').count(), 0, 'c of the numbers, which is in hand');
  const [site, age] = await page.evaluate(() => window.__latentia.focus.ownC);
  await page.evaluate(([site, age]) => (window.__latentia.focus.c = [(site + 1) % 3, age]), [site, age]);
  const sites = await page.evaluate(() => window.__latentia.page.description.conditions[0].classes);
  check.ok((await page.textContent('[data-testid=nats-c]')).includes(`own c: site ${sites[site]}`), 'of which c the numbers of a row are');
  check.ok((await page.textContent('[data-testid=draws]')).includes('one draw of z'), 'of how many draws they are');

  // The map in the colours of a condition.
  await page.evaluate(() => window.__latentia.state.go('explore/map'));
  await page.waitForSelector('[data-testid=legend] button');
  check.equal(await page.locator('[data-testid=legend] button').count(), 3, 'sites in the legend');
  await page.waitForSelector('[data-testid=colour] option[value=elbo]', { state: 'attached' });
  const listed = await page.$$eval('[data-testid=colour] option', (all) => all.map((one) => one.textContent));
  check.equal(listed.filter((name) => /age$/.test(name)).join(), 'Condition age', 'the age is one colour');
  await page.evaluate(() => window.__latentia.state.set('map.colour', 'column:age'));
  await page.waitForSelector('[data-testid=legend] .ramp');
  check.equal(await page.inputValue('[data-testid=colour]'), 'c:age', 'the age as it was named before');
  await page.selectOption('[data-testid=colour]', 'c:site');
  await page.waitForSelector('[data-testid=legend] button');
  await page.selectOption('[data-testid=colour]', 'c:age');
  await page.waitForSelector('[data-testid=legend] .ramp');
}

/** Of a prior that sees no c, and is no N(0, I), Python's draws are drawn, and decoded under c in hand. */
async function ofNoConditions(open, check, url) {
  const python = decoding(url);
  const page = await open('#/explore/latents?x=5&c=2,61', { url });
  await page.waitForSelector('[data-testid=draw]:enabled', { timeout: 10_000 });
  await page.click('[data-testid=draw]');
  await page.waitForFunction(() => {
    const { z, decoded } = window.__latentia.focus;
    return window.__latentia.state.entry('z') && decoded.z.every((value, d) => Math.abs(value - z[d]) < 1e-6);
  });
  const { z, shown, offset, prior } = await page.evaluate(async () => {
    const { focus, page } = window.__latentia;
    const { offset } = page.description.x;
    return { z: [...focus.z], shown: [...focus.decoded.shown], offset, prior: [...(await page.array('prior')).data] };
  });
  const among = ([a, b]) => prior.some((value, i) => i % 2 === 0 && Math.abs(value - a) < 1e-4 && Math.abs(prior[i + 1] - b) < 1e-4);
  check.ok(among(z), `z = ${z} is no draw of the prior`);
  const x = shown.map((value, i) => value + (offset[i] ?? 0));
  check.close(x, await python([z], { site: PEOPLE.toSorted()[2], age: 61 }), 'a draw under c');

  // The same z along a row, whatever c is.
  await page.evaluate((to) => window.__latentia.state.go(to, { 'conditions.from': 'prior', 'conditions.rows': '2' }), VIEW);
  await ready(page, 2 * 3 * 2);
  const rows = (await seen(page)).z;
  check.ok(among(rows.slice(6, 8)), 'a row of the prior');
  check.close(rows.slice(6, 12), [0, 1, 2].flatMap(() => rows.slice(6, 8)), 'z along it');
}

const BESIDE = `
import json, sys
import numpy as np
import torch
import latentia as lt
run, c, eps = sys.argv[1], sys.argv[2], np.array(json.loads(sys.argv[3]), np.float32).reshape(-1, 2)
model = lt.load(run, device="cpu").given({"label": c})
with torch.no_grad():
    p = model.model_.prior(model.condition_)
z = (p.mean + p.stddev * torch.from_numpy(eps)).numpy()
copied = {}
exec(sys.argv[4], copied)
shown = [np.asarray(x, float).reshape(len(z), -1) for x in (model.inverse_transform(z), copied["b"])]
shown = [x / (255 if x.max() > 1.5 else 1) for x in shown]
print(json.dumps([z.ravel().tolist(), *(x[:, ::97].ravel().tolist() for x in shown)]))
`;

/** A model of p(x|c) and p(z|c) beside one that knows no c: its draws are there at once, under the c of the first example. */
async function beside(open, check, folder) {
  const [plain, run] = [join(folder, 'two'), join(folder, 'given')];
  latentia(
    ...['train', 'mnist5k', '--out', run, '--condition', 'label', '--prior', 'conditional', '--latent-dim', '2', '--epochs', '1'],
    ...['--network.hidden', '64', '--compile', 'no', '--quiet'],
  );
  const { url, child } = await serving(plain, '--with', run, '--limit', '60');
  try {
    const page = await open('#/explore/compare', { url });
    const drawn = () => page.waitForFunction(() => window.__latentia.views['explore/compare/draws']?.x?.[1]?.length);
    await drawn();
    const seen = await page.evaluate(async () => {
      const { z, x, under, code } = window.__latentia.views['explore/compare/draws'];
      const [other] = window.__latentia.page.others;
      const { data } = await other.array('c');
      const { classes } = other.description.conditions[0];
      return { z: z.map((one) => [...one]), x: [...x[1]].filter((_, i) => (i % 784) % 97 === 0), under, code, c: classes[data.indexOf(1)] };
    });
    check.ok(seen.under.join().includes(`under label ${seen.c}`), `draws say their c: ${seen.under}`);
    const { status, stdout, stderr } = spawnSync(interpreter, ['-c', BESIDE, run, seen.c, JSON.stringify(seen.z[0]), seen.code], { cwd: root, encoding: 'utf8' });
    if (status !== 0) return check.fail(stderr);
    const [z, x, copied] = JSON.parse(stdout);
    check.close(seen.z[1], z, 'draws of p(z|c) of one noise with those of N(0, I)');
    check.close(seen.x, x, 'what they decode to');
    check.close(seen.x, copied, 'what the copied Python decodes them to');
  } finally {
    child.kill('SIGKILL');
  }
}

/** What is copied as Python gives the same, of z = mu(c) + sigma(c) eps too. */
async function copied(page, check, shown) {
  const code = await page.evaluate(async () => {
    let text = '';
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText: async (one) => (text = one) } });
    document.querySelector('main .controls button.quiet').click();
    while (!text) await new Promise((done) => setTimeout(done, 50));
    return text;
  });
  const more = '\nimport json, numpy as np\nprint(json.dumps(np.stack(columns, 1).reshape(-1).tolist()))';
  const { status, stdout, stderr } = spawnSync(interpreter, ['-c', code + more], { cwd: root, encoding: 'utf8' });
  if (status !== 0) return check.fail(`${code}\n${stderr}`);
  check.close(shown, JSON.parse(stdout), 'the grid as the copied Python makes it');
}
