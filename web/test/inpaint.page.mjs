// In-painting: what is seen stays, the gap is Python's decode, and log p(seen) is the integral.

export default async function ({ open, check, two }) {
  const page = await open('#/explore/inpaint?x=2');
  const seen = () => page.evaluate(() => {
    const { found, x, mask } = window.__latentia.views['explore/inpaint'];
    return { x: [...x], mask: [...mask], z: [...found.z], shown: [...found.shown], mean: [...found.mean], sd: [...found.sd], logEvidence: found.logEvidence, error: found.error, effective: found.effective };
  });
  const settled = async (n) => {
    await page.waitForFunction((n) => {
      const { found, mask } = window.__latentia.views['explore/inpaint'] ?? {};
      const gaps = found?.seen.filter(Number.isNaN).length;
      return gaps === n && mask.length === n && [...mask].every((i) => Number.isNaN(found.seen[i]));
    }, n);
    return seen();
  };
  const decode = async (z) => {
    const rows = Array.from({ length: z.length / 2 }, (_, i) => z.slice(2 * i, 2 * i + 2));
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${two}/v1/decode`, { method: 'POST', headers, body: JSON.stringify({ z: rows }) });
    return (await answer.json()).x.flat(2);
  };

  await page.click('[data-testid=erase-right]');
  const half = await settled(392);
  const drawn = new Float32Array(await (await fetch(`${two}/page-data/examples?at=2&drawn=1`)).arrayBuffer());
  check.close(half.x, drawn, 'x, drawn black or white');
  const gap = new Set(half.mask);
  const python = await decode(half.z);
  const wanted = python.map((value, i) => (gap.has(i % 784) ? value : half.x[i % 784]));
  check.close(half.shown, wanted, 'the completions');

  // log p(seen), E[missing|seen] and its deviation by a sum over a grid of z, against 1024 draws.
  const exact = await page.evaluate(async () => {
    const { found } = window.__latentia.views['explore/inpaint'];
    const { model } = window.__latentia.page;
    const [step, side] = [0.05, 161];
    const at = [...found.seen.keys()].find((d) => Number.isNaN(found.seen[d]) && found.sd[d] === Math.max(...found.sd));
    let [peak, sum, mean, square] = [-Infinity, 0, 0, 0];
    for (let a = 0; a < side; a++) {
      const z = Float32Array.from({ length: 2 * side }, (_, i) => (i % 2 ? i >> 1 : a) * step - 4);
      const { logits } = await model.decode(z);
      for (let row = 0; row < side; row++) {
        let term = -(z[2 * row] ** 2 + z[2 * row + 1] ** 2) / 2 - Math.log(2 * Math.PI) + 2 * Math.log(step);
        for (let d = 0; d < 784; d++) {
          const logit = logits.data[784 * row + d] * (found.seen[d] ? 1 : -1);
          if (!Number.isNaN(found.seen[d])) term -= Math.log1p(Math.exp(-logit));
        }
        const shrink = Math.exp(Math.min(0, peak - term));
        peak = Math.max(peak, term);
        const weight = Math.exp(term - peak);
        const value = 1 / (1 + Math.exp(-logits.data[784 * row + at]));
        sum = sum * shrink + weight;
        mean = mean * shrink + weight * value;
        square = square * shrink + weight * value * value;
      }
    }
    return { at, log: peak + Math.log(sum), mean: mean / sum, sd: Math.sqrt(square / sum - (mean / sum) ** 2) };
  });
  /** What the draws or a walk say of the pixel that is least known. */
  const near = (what, { mean, sd, effective }) => {
    check.ok(Math.abs(mean[exact.at] - exact.mean) < (5 * exact.sd) / Math.sqrt(effective), `${what}: the mean is ${mean[exact.at]}, by the grid ${exact.mean}`);
    check.ok(Math.abs(sd[exact.at] / exact.sd - 1) < 4 / Math.sqrt(effective), `${what}: the deviation is ${sd[exact.at]}, by the grid ${exact.sd}`);
  };
  check.ok(half.effective > 100, `${half.effective} draws of two latents are effective`);
  check.ok(Math.abs(half.logEvidence - exact.log) < 5 * half.error + 0.01, `log p(seen) is ${half.logEvidence} ± ${half.error}, and by the grid ${exact.log}`);
  check.ok(/^−\d+\.\d+ ± \d*\.\d*[1-9]\d* nats$/.test((await page.textContent('[data-testid=evidence]')).trim()), 'log p(seen) has no error beside it');
  near('the draws', half);

  // While another gap is computed, nothing is said of it that was the last one's, and a walk waits.
  await page.evaluate(() => {
    const { model } = window.__latentia.page;
    const { decode } = model;
    window.held = new Promise((resolve) => (window.release = () => (delete model.decode, resolve())));
    model.decode = async (...given) => (await window.held, decode.apply(model, given));
  });
  await page.click('[data-testid=erase-middle]');
  await page.waitForFunction(() => document.querySelector('main .working'));
  const meanwhile = await page.$$eval('main dl dd', (all) => all.map((one) => one.textContent.trim()));
  check.equal(meanwhile.join(), '…,…', 'numbers while another gap is computed');
  check.ok(await page.locator('[data-testid=walk]').isDisabled(), 'a walk begins where the last gap was');
  await page.evaluate(() => window.release());
  await page.click('[data-testid=walk]:enabled');
  await page.waitForFunction(() => window.__latentia.views['explore/inpaint'].share !== undefined);
  check.equal(await page.locator('main .working').count(), 0, 'signs of work when it is done');
  await page.click('[data-testid=erase-right]');
  await settled(392);
  const drawnAgain = await seen();
  check.close([drawnAgain.logEvidence], [half.logEvidence], 'the same gap again');
  await page.click('[data-testid=walk]:enabled');
  await page.waitForFunction(() => window.__latentia.views['explore/inpaint'].share !== undefined);
  const after = await seen();
  check.close([after.logEvidence, after.error], [half.logEvidence, half.error], 'log p(seen) after a walk is that of the draws');
  check.ok(after.mean.some((value, d) => value !== half.mean[d]), 'the mean after a walk is that of the draws');
  // Eight walks of 200 steps, of which some ten are as good as one draw.
  near('the walk', { ...after, effective: 100 });

  // A stroke of the brush is one step; then a walk.
  await page.click('[data-testid=erase-none]');
  await settled(0);
  const box = await page.locator('[data-testid=brush]').boundingBox();
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.5);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.5, { steps: 6 });
  await page.mouse.up();
  const erased = await page.evaluate(() => window.__latentia.views['explore/inpaint'].mask.length);
  check.ok(erased > 40 && erased < 120, `${erased} pixels erased by a stroke`);
  await settled(erased);
  await page.click('[data-testid=walk]');
  await page.waitForFunction(() => window.__latentia.views['explore/inpaint'].share !== undefined);
  const walked = await seen();
  check.close(walked.shown.filter((_, i) => !walked.mask.includes(i % 784)), Array.from({ length: 8 }, () => walked.x.filter((_, i) => !walked.mask.includes(i))).flat(), 'what is seen after the walk');
  await check.drawn(page, 'in-painting');
  await page.keyboard.press('Control+z');
  await settled(0);

  // Opened without an example, and asked to walk in the same moment: it walks.
  const fresh = await open('#/explore/inpaint');
  await fresh.click('[data-testid=walk]:enabled');
  await fresh.waitForFunction(() => window.__latentia.views['explore/inpaint'].share !== undefined, undefined, { timeout: 20_000 });
}
