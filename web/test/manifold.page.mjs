// The manifold: cells are Python's decodes of the prior's quantiles, a zoom is decoded anew, a click takes z.

const view = (page) => page.evaluate(() => {
  const { painted, seen, pair, inPrior, inAggregate } = window.__latentia.views['learn/manifold'];
  return { z: [...painted.z], shown: [...painted.shown], seen, pair, inPrior, inAggregate };
});
const painted = (page, half) =>
  page.waitForFunction((half) => {
    const now = window.__latentia.views['learn/manifold'];
    return now?.painted && Math.abs(now.seen.half - half) < 1e-3 && now.painted.z.length;
  }, half);

export default async function ({ open, check, two, six }) {
  const page = await open('#/learn/manifold', { url: two });
  await painted(page, 0.5);
  const whole = await view(page);
  check.equal(whole.z.length, 800, 'numbers of z');
  // The first cell is that of the 1/40 and the 39/40 quantile of N(0, 1).
  check.close(whole.z.slice(0, 2), [-1.959964, 1.959964], 'z of the first cell');
  const asked = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const cells = [0, 57, 399];
  const z = cells.map((cell) => whole.z.slice(2 * cell, 2 * cell + 2));
  const python = await (await fetch(`${two}/v1/decode`, { ...asked, body: JSON.stringify({ z }) })).json();
  check.close(cells.flatMap((cell) => whole.shown.slice(784 * cell, 784 * (cell + 1))), python.x.flat(3), 'decoded cells');

  // By keys: to a cell, closer, and its z is taken.
  await page.focus('[data-testid=grid]');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('+');
  await painted(page, 0.4);
  await page.waitForFunction((old) => window.__latentia.views['learn/manifold'].painted.z[0] !== old, whole.z[0]);
  const near = await view(page);
  check.close([near.inPrior], [0.64], 'the share of the prior');
  check.ok(near.inAggregate > 0.3 && near.inAggregate < 1, `the share of the examples: ${near.inAggregate}`);
  await page.keyboard.press('Enter');
  const taken = await page.evaluate(() => [...window.__latentia.focus.z]);
  const cell = 10 * 20 + 10;
  check.close(taken, near.z.slice(2 * cell, 2 * cell + 2), 'z of the cell', 1e-4);
  await page.click('[data-testid=draws]');
  await page.waitForTimeout(200);
  await check.drawn(page, 'the manifold with examples');

  // Six latents: two of them move, the others stay at the example's mean.
  const other = await open('#/learn/manifold?x=4', { url: six });
  await other.waitForFunction(() => window.__latentia.focus.q);
  await painted(other, 0.5);
  const mean = await other.evaluate(() => [...window.__latentia.focus.q.mean]);
  await other.waitForFunction((mean) => {
    const { painted, pair } = window.__latentia.views['learn/manifold'];
    return mean.every((m, d) => pair.includes(d) || Math.abs(painted.z[d] - m) < 1e-6);
  }, mean);
  check.ok(true, 'the other latents');
}
