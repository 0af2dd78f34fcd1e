// An x of one's own in the lessons about one x, in its numbers and its link; and files without examples,
// where it stands in for them.

import { join } from 'node:path';
import { latentia } from './served.mjs';

const PLACE = 7;

/** log p(x) of what the lesson is about, once it is integrated. */
async function evidence(page, place) {
  await page.waitForTimeout(400); // Until another example has come the last one stays.
  await page.waitForFunction((place) => {
    const now = window.__latentia.views['learn/posterior'];
    return now?.isDone && now.place === place;
  }, place);
  return page.evaluate(() => window.__latentia.views['learn/posterior'].found.cells.logEvidence);
}
const elboOf = async (page, wanted) => {
  await page.waitForTimeout(60);
  await page.waitForFunction((wanted) => {
    const { numbers } = window.__latentia.views['learn/elbo'] ?? {};
    return numbers?.isExact && Math.abs(numbers.logEvidence - wanted) < 0.01;
  }, wanted);
  return page.evaluate(() => window.__latentia.views['learn/elbo'].numbers);
};

export default async function ({ open, check, two, browser, folder }) {
  // The draw of an example as an x of one's own: its numbers are those of the example.
  const page = await open('#/explore/latents', { url: two });
  page.setDefaultTimeout(90_000);
  await page.evaluate(async (place) => {
    const { focus, page } = window.__latentia;
    await focus.show((await page.source.examples([place], true)).slice());
  }, PLACE);
  await page.evaluate(() => window.__latentia.state.go('learn/posterior'));
  const own = await evidence(page, null);
  check.equal(await page.locator('.controls [aria-pressed=true]').count(), 0, 'examples that are said to be x');
  await page.evaluate((place) => window.__latentia.focus.pin(place), PLACE);
  check.close([own], [await evidence(page, PLACE)], 'log p(x) of an x of one’s own');
  await page.evaluate(() => window.__latentia.focus.pin(0));
  check.ok(Math.abs((await evidence(page, 0)) - own) > 0.1, 'the first example is no other x');
  for (let i = 0; i < 2; i++) await page.keyboard.press('Control+z');
  check.close([await evidence(page, null)], [own], 'log p(x) after undo');

  // The ELBO of it, and q where a hand has put it: of this x, and of the link.
  await page.evaluate(() => window.__latentia.state.go('learn/elbo'));
  const first = await elboOf(page, own);
  check.ok((await page.textContent('[data-testid=how-exact]')).includes('your own'), 'whose x it is');
  await page.focus('[data-testid=handle-first]');
  await page.keyboard.press('ArrowUp');
  await page.waitForFunction((old) => window.__latentia.views['learn/elbo'].numbers.q.axes[0] > old, first.q.axes[0]);
  const moved = await elboOf(page, own);
  const link = await page.evaluate(() => window.__latentia.state.link());
  const linked = await open(`#${link.split('#')[1]}`, { url: two });
  linked.setDefaultTimeout(90_000);
  check.close((await elboOf(linked, own)).q.axes, moved.q.axes, 'q of the link', 1e-3);
  // Which example is offered is heard, and of which class.
  const names = await page.$$eval('[data-testid^=example-]', (all) => all.map((one) => one.getAttribute('aria-label')));
  check.ok(names.length && names.every((name) => /^Example \d+, label \d$/.test(name)), `examples are called ${names}`);
  // Of another x it is the encoder's again.
  await page.evaluate(async () => {
    const { focus, page } = window.__latentia;
    await focus.show((await page.source.examples([3], true)).slice());
  });
  await page.waitForFunction((old) => {
    const { numbers, truth } = window.__latentia.views['learn/elbo'];
    return numbers?.isExact && Math.abs(numbers.logEvidence - old) > 0.1 && numbers.q === truth.encoder;
  }, own);
  check.ok(true, 'q of another x of one’s own');

  // Files without examples: the lessons say how one has an x, and then are about it.
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', offline: true });
  const opened = async (run, hash) => {
    const file = join(folder, `${run}-none.html`);
    latentia('export', join(folder, run), '--html', file, '--examples', '0', '--quiet');
    const one = await context.newPage();
    one.setDefaultTimeout(90_000);
    check.watch(one);
    await one.goto(`file://${file}${hash}`);
    await one.waitForFunction(() => window.__latentia?.ready);
    return one;
  };
  const alone = await opened('two', '#/learn/posterior');
  const LESSONS = ['learn/elbo', 'learn/reparameterization', 'learn/sampling', 'learn/flow', 'learn/posterior', 'learn/denoise'];
  for (const id of LESSONS) {
    await alone.evaluate((id) => window.__latentia.state.go(id), id);
    await alone.waitForTimeout(250);
    check.ok((await alone.textContent('[data-testid=missing]')).includes('without examples'), `${id} without an x`);
  }
  await alone.click('[data-testid=to-draw]');
  await alone.focus('[data-testid=pad]');
  for (const key of ['Space', ...Array(6).fill('ArrowRight'), 'Space']) await alone.keyboard.press(key);
  await alone.getByRole('button', { name: 'Take it along' }).click();
  await alone.waitForFunction(() => window.__latentia.state.view === 'explore/latents' && window.__latentia.focus.isOwn);
  for (const id of LESSONS) {
    await alone.evaluate((id) => window.__latentia.state.go(id), id);
    await alone.waitForTimeout(250);
    await alone.waitForSelector('[data-testid^=answer-]');
    check.equal(await alone.locator('[data-testid=missing], [data-testid=trouble], [role=alert]').count(), 0, `${id} about an x of one’s own`);
  }
  check.ok((await evidence(alone, null)) < 0, 'log p(x) of what was drawn');

  // Of more latents it is said of the file what to open, and to whom.
  const six = await opened('six', '#/learn/elbo');
  const said = await six.textContent('main');
  check.ok(said.includes('in this file has 6') && !said.includes('needs a run'), `a file of six latents says ${said}`);
  await context.close();
}
