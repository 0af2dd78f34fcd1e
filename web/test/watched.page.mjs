// A run that trains beside its page: curves and pictures as they come, pause, resume and stop; then
// the same curves and the same film from its files.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serving, watching } from './served.mjs';

/** A run that nobody would wait for. */
const LONG = ['--latent-dim', '6', '--epochs', '5000', '--network.hidden', '64'];

const seen = (page, view = 'train/live') =>
  page.evaluate((name) => {
    const { rows, standing, best } = window.__latentia.views[name];
    return { rows, standing, best };
  }, view);

export default async function ({ bare, check, two }) {
  const folder = mkdtempSync(join(tmpdir(), 'latentia-watched-'));
  const path = join(folder, 'run');
  const children = [];
  const pages = [];
  try {
    const { child, url } = await watching(path, ...LONG);
    children.push(child);
    const page = await bare(`${url}/`);
    pages.push(page);
    const until = (what, ...given) => page.waitForFunction(what, ...given);
    await until(() => window.__latentia?.views['train/live']?.rows.length >= 6);
    check.equal(await page.textContent('h1'), 'Training', 'the view');
    check.equal((await page.evaluate(() => window.__latentia.ids)).join(), 'train/live', 'the views');
    await page.waitForSelector('canvas[width="28"]:not([data-empty])');

    // Standing still: nothing comes any more, and a checkpoint is there.
    await page.click('[data-testid=pause]');
    await page.waitForSelector('[data-testid=resume]');
    await page.waitForTimeout(1200);
    const paused = await seen(page);
    await page.waitForTimeout(1200);
    const still = await seen(page);
    check.equal(still.standing.state, 'paused', 'the state');
    check.equal(still.standing.step, paused.standing.step, 'the step of a run that stands still');
    check.equal(still.rows.length, paused.rows.length, 'rows of a run that stands still');
    await check.drawn(page, 'train/live');
    await check.accessible(page, 'train/live');

    // The numbers are those of the file.
    const file = readFileSync(join(path, 'metrics.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    const numbers = (rows) => rows.flatMap(({ elbo, reconstruction, kl }) => [elbo, reconstruction, kl]);
    check.close(numbers(still.rows), numbers(file), 'rows of the page and of the file', 1e-9);
    const best = file.filter(({ split }) => split === 'validation').sort((a, b) => b.elbo - a.elbo)[0];
    check.equal(still.best.epoch, best.epoch, 'the best epoch');
    check.ok((await page.textContent('[data-testid=best]')).includes(best.elbo.toFixed(2).replace('-', '−')), 'the best ELBO as it is written');

    // By keys, an epoch is read.
    await page.focus('[data-testid=elbo]');
    await page.keyboard.press('Home');
    const first = file.find(({ split }) => split === 'validation');
    const read = await page.getAttribute('[data-testid=elbo]', 'aria-valuetext');
    const said = Number(/validation ([^,]+),/.exec(read)?.[1].replace('−', '-'));
    check.ok(Math.abs(said - first.elbo) < 0.06, `the first epoch reads ${read}, not ${first.elbo}`);

    await page.click('[data-testid=resume]');
    await until((step) => window.__latentia.views['train/live'].standing.step !== step, still.standing.step);
    // What ends after this epoch has no time left beside it.
    await page.evaluate(() => {
      const card = document.querySelector('[data-testid=standing]');
      window.said = { ends: 0, both: 0 };
      new MutationObserver(() => {
        if (!card.textContent.includes('Ends after this epoch')) return;
        window.said.ends += 1;
        window.said.both += card.textContent.includes('Time left') ? 1 : 0;
      }).observe(card, { subtree: true, childList: true, characterData: true });
    });
    await page.click('[data-testid=stop]');
    await until(() => window.__latentia.views['train/live'].standing.state === 'over');
    check.equal(await page.evaluate(() => window.said.both), 0, 'times left of a run that is about to end');
    check.ok((await page.textContent('[data-testid=standing]')).includes(`latentia train --resume --out ${path}`), 'how to go on');

    // The explorer of the run shows the same from its files, and follows them.
    const served = await serving(path, '--limit', '50');
    children.push(served.child);
    const curves = await bare(`${served.url}/#/train/curves`);
    pages.push(curves);
    await curves.waitForFunction(() => window.__latentia?.views['train/curves']?.rows.length);
    const [here, there] = [await seen(curves, 'train/curves'), await seen(page)];
    check.close(numbers(here.rows), numbers(there.rows), 'rows of the files and of the run');
    check.equal(here.best.epoch, there.best.epoch, 'the best epoch of the files');
    check.ok((await curves.evaluate(() => window.__latentia.ids)).includes('explore/map'), 'the explorer is whole');

    // Its film is kept with it, and can be scrubbed through; a run that nobody watched shows none.
    await curves.waitForFunction(() => window.__latentia.views['train/film']?.frame);
    const film = await curves.evaluate(() => window.__latentia.views['train/film'].epochs);
    check.equal(film.join(), there.standing.frames.join(), 'the epochs of the film');
    const bytes = async (from, name) => {
      const answer = await fetch(`${from}/page-data/film/${name}`);
      return Buffer.from(await answer.arrayBuffer()).toString('base64');
    };
    for (const name of ['examples', film[0], film.at(-1)]) {
      check.ok((await bytes(served.url, name)) === (await bytes(url, name)), `the film kept and shown: ${name}`);
    }
    await curves.focus('[data-testid=film-epoch]');
    await curves.keyboard.press('Home');
    await curves.waitForFunction(() => {
      const { epoch, epochs, frame } = window.__latentia.views['train/film'];
      return frame && epoch === epochs[0];
    });
    await curves.waitForURL(new RegExp(`curves.frame=${film[0]}`));
    const shown = await curves.evaluate(() => [...window.__latentia.views['train/film'].frame]);
    check.equal(Buffer.from(shown).toString('base64'), await bytes(url, film[0]), 'the first frame');
    await check.drawn(curves, 'train/curves');
    await check.accessible(curves, 'train/curves with a film');
    const unwatched = await bare(`${two}/#/train/curves`);
    await unwatched.waitForFunction(() => window.__latentia?.views['train/curves']?.rows.length);
    check.equal(await unwatched.locator('[data-testid=film]').count(), 0, 'films of a run that nobody watched');
  } finally {
    // Left first: a page would complain of a program that is gone in the middle of a word.
    for (const page of pages) await page.goto('about:blank');
    for (const child of children) {
      child.removeAllListeners('exit');
      child.kill('SIGKILL');
    }
    rmSync(folder, { recursive: true, force: true });
  }
}
