// Paths: decodes are Python's, straight and on the arc; places are added; PNG and GIF are made.

import { readFileSync } from 'node:fs';

export default async function ({ open, check, six }) {
  const page = await open('#/explore/paths?x=3', { url: six });
  const seen = () => page.evaluate(() => {
    const { rows, frames, told } = window.__latentia.views['explore/paths'];
    return { rows: [...rows], frames: [...frames], told };
  });
  const ready = (n) => page.waitForFunction((n) => window.__latentia.views['explore/paths']?.frames.length === n * 784, n);
  await ready(11);
  const post = async (path, body) => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${six}/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  };
  const python = async (rows) => {
    const z = Array.from({ length: rows.length / 6 }, (_, i) => rows.slice(6 * i, 6 * i + 6));
    return (await post('decode', { z })).x.flat(2);
  };
  const first = await seen();
  const mean = new Float32Array(await (await fetch(`${six}/page-data/array/mean`)).arrayBuffer());
  check.close(first.rows.slice(0, 6), mean.subarray(0, 6), 'the path begins at the first example');
  check.close(first.frames, await python(first.rows), 'decodes of the straight path');
  check.ok(first.told.x >= first.told.straight - 1e-6, 'a path shorter than a straight line');

  await page.click('[data-testid=way] [data-value=spherical]');
  await page.click('[data-testid=add-pinned]');
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=through] li').length === 3);
  await page.waitForTimeout(400);
  const arc = await seen();
  check.close(arc.frames, await python(arc.rows), 'decodes on the arc');
  check.close(arc.rows.slice(-6), mean.subarray(18, 24), 'the path ends at the example that was added');

  // The picture follows the slider, and z with it.
  await page.fill('[data-testid=scrub]', '1');
  await page.waitForTimeout(300);
  check.close(await page.evaluate(() => [...window.__latentia.views['explore/paths'].shown]), arc.frames.slice(-784), 'the picture at the end');
  check.close(await page.evaluate(() => [...window.__latentia.focus.z]), arc.rows.slice(-6), 'z at the end');
  await check.drawn(page, 'paths');

  // Played for a while, which is one step.
  const at = () => page.evaluate(() => window.__latentia.state.entry('paths.at'));
  const before = await at();
  await page.click('[data-testid=play]');
  await page.waitForFunction((before) => window.__latentia.state.entry('paths.at') !== before, before);
  await page.waitForTimeout(300);
  await page.click('[data-testid=play]');
  await page.click('button[aria-label=Undo]');
  check.equal(await at(), before, 'where it was before it played');

  for (const [id, magic] of [['png', '\x89PNG'], ['gif', 'GIF89a']]) {
    const [saved] = await Promise.all([page.waitForEvent('download'), page.click(`[data-testid=${id}]`)]);
    const bytes = readFileSync(await saved.path());
    check.equal(bytes.subarray(0, magic.length).toString('latin1'), magic, `the head of the ${id}`);
    check.ok(bytes.length > 2000, `a ${id} of ${bytes.length} bytes`);
  }
}
