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

  // The wheel scrolls the page; with Ctrl it zooms, and a button and the key 0 show all again.
  const seenAt = () => page.evaluate(() => window.__latentia.state.entry('paths.camera'));
  const scrolled = () => page.evaluate(() => document.querySelector('main').scrollTop);
  await page.evaluate(() => document.querySelector('main').scrollTo(0, 0));
  await page.hover('[data-testid=scatter]');
  await page.mouse.wheel(0, 60);
  await page.waitForFunction(() => document.querySelector('main').scrollTop > 0);
  await page.waitForTimeout(500);
  check.equal(await seenAt(), undefined, 'where one looks after the wheel');
  const still = await scrolled();
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -60);
  await page.keyboard.up('Control');
  await page.waitForFunction(() => window.__latentia.state.entry('paths.camera'));
  check.equal(await scrolled(), still, 'the page under Ctrl and the wheel');
  await page.click('[data-testid=fit]');
  check.equal(await seenAt(), undefined, 'where one looks after Show all');
  check.equal(await page.locator('[data-testid=fit]').count(), 0, 'buttons that would do nothing');
  await page.keyboard.press('+');
  await page.waitForFunction(() => window.__latentia.state.entry('paths.camera'));
  await page.keyboard.press('0');
  check.equal(await seenAt(), undefined, 'where one looks after 0');

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

  // Played, which is no step: what was added meanwhile is in the address, and undo takes it back and stops.
  const at = () => page.evaluate(() => window.__latentia.state.entry('paths.at'));
  const before = await at();
  await page.click('[data-testid=play]');
  await page.waitForFunction((before) => window.__latentia.state.entry('paths.at') !== before, before);
  const through = () => page.evaluate(() => window.__latentia.state.entry('paths.through'));
  const earlier = await through();
  await page.click('[data-testid=others] button');
  const later = await through();
  check.ok(later !== earlier, 'a place is added while it plays');
  await page.waitForFunction((said) => decodeURIComponent(location.hash).includes(`paths.through=${said}&`), later, { timeout: 3000 });
  check.equal(await page.getAttribute('[data-testid=play]', 'aria-label'), 'Pause', 'it plays on');
  await page.keyboard.press('Control+z');
  check.equal(await through(), earlier, 'the path after undo');
  const rest = await at();
  await page.waitForTimeout(300);
  check.equal(await at(), rest, 'where it is, once undone');
  check.equal(await page.getAttribute('[data-testid=play]', 'aria-label'), 'Play', 'it has stopped');
  // Frames are no steps: what undo takes back next is what the slider did.
  await page.keyboard.press('Control+z');
  check.equal(await at(), undefined, 'where it was before it was moved');
  await page.keyboard.press('Control+Shift+z');
  check.equal(await at(), rest, 'where it was when the place was added');

  // Nothing is said of a path before it is known; what is added early waits.
  const slow = await open('#/explore/map', { url: six });
  let release = () => {};
  const held = new Promise((resolve) => (release = resolve));
  await slow.route('**/page-data/array/label', (route) => held.then(() => route.continue()));
  await slow.route('**/page-data/arrays*', (route) => held.then(() => route.continue()));
  await slow.reload();
  await slow.waitForFunction(() => window.__latentia?.state.view);
  await slow.evaluate(() => window.__latentia.state.go('explore/paths'));
  await slow.waitForSelector('[data-testid=others] button');
  await slow.click('[data-testid=others] button');
  await slow.waitForTimeout(300);
  check.equal(await slow.evaluate(() => window.__latentia.state.entry('paths.through')), undefined, 'a path before it is known');
  check.equal(await slow.locator('[data-testid=through] li').count(), 0, 'places before they are known');
  release();
  await slow.waitForFunction(() => window.__latentia.state.entry('paths.through'));
  const [from, to] = await slow.evaluate(() => window.__latentia.state.entry('paths.through').split(';'));
  const label = new Int32Array(await (await fetch(`${six}/page-data/array/label`)).arrayBuffer());
  check.equal(`${from};${to}`, `0;${label.findIndex((k) => k !== label[0])}`, 'the path that was usual, once it was known');

  for (const [id, magic] of [['png', '\x89PNG'], ['gif', 'GIF89a']]) {
    const [saved] = await Promise.all([page.waitForEvent('download'), page.click(`[data-testid=${id}]`)]);
    const bytes = readFileSync(await saved.path());
    check.equal(bytes.subarray(0, magic.length).toString('latin1'), magic, `the head of the ${id}`);
    check.ok(bytes.length > 2000, `a ${id} of ${bytes.length} bytes`);
  }
}
