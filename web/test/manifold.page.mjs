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

/** The quantile of N(0, 1), by bisection of its distribution function's series. */
function quantile(u) {
  const cdf = (z) => {
    let [sum, term] = [z, z];
    for (let k = 1; k < 200; k++) sum += term *= (z * z) / (2 * k + 1);
    return 0.5 + sum * Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  };
  let [low, high] = [-6, 6];
  for (let i = 0; i < 60; i++) cdf((low + high) / 2) < u ? (low = (low + high) / 2) : (high = (low + high) / 2);
  return low;
}

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
  // Draws of q(z|x) are not its means, but their share of the window is nearly that of the means.
  const mean = new Float32Array(await (await fetch(`${two}/page-data/array/mean`)).arrayBuffer());
  const edges = (middle) => [middle - near.seen.half, middle + near.seen.half].map((u) => quantile(u));
  const [[left, right], [low, high]] = [edges(near.seen.x), edges(near.seen.y)];
  let inside = 0;
  for (let i = 0; i < mean.length; i += 2) {
    if (mean[i] > left && mean[i] < right && mean[i + 1] > low && mean[i + 1] < high) inside++;
  }
  check.close([near.inAggregate], [(2 * inside) / mean.length], 'the share of the examples', 0.06);
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
  const own = await other.evaluate(() => [...window.__latentia.focus.q.mean]);
  await other.waitForFunction((own) => {
    const { painted, pair } = window.__latentia.views['learn/manifold'];
    return own.every((m, d) => pair.includes(d) || Math.abs(painted.z[d] - m) < 1e-6);
  }, own);
  check.ok(true, 'the other latents');
}
