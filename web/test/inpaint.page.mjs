// In-painting: what is seen stays, the gap is Python's decode, and log p(seen) is the integral.

export default async function ({ open, check, two }) {
  const page = await open('#/explore/inpaint?x=2');
  const seen = () => page.evaluate(() => {
    const { found, x, mask } = window.__latentia.views['explore/inpaint'];
    return { x: [...x], mask: [...mask], z: [...found.z], shown: [...found.shown], mean: [...found.mean], logEvidence: found.logEvidence, effective: found.effective };
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

  // log p(seen) by a sum over a grid of z, (0.2)^2 each, against the estimate of 1024 draws.
  const terms = await page.evaluate(async () => {
    const { found } = window.__latentia.views['explore/inpaint'];
    const { model } = window.__latentia.page;
    const terms = [];
    for (let a = -4; a <= 4; a += 0.2) {
      const z = Float32Array.from({ length: 82 }, (_, i) => (i % 2 ? (i >> 1) * 0.2 - 4 : a));
      const { logits } = await model.decode(z);
      for (let row = 0; row < 41; row++) {
        let sum = -(z[2 * row] ** 2 + z[2 * row + 1] ** 2) / 2 - Math.log(2 * Math.PI) + Math.log(0.04);
        for (let d = 0; d < 784; d++) {
          const logit = logits.data[784 * row + d] * (found.seen[d] ? 1 : -1);
          if (!Number.isNaN(found.seen[d])) sum -= Math.log1p(Math.exp(-logit));
        }
        terms.push(sum);
      }
    }
    return terms;
  });
  const peak = Math.max(...terms);
  const exact = peak + Math.log(terms.reduce((sum, value) => sum + Math.exp(value - peak), 0));
  check.ok(Math.abs(half.logEvidence - exact) < 0.5, `log p(seen) is ${half.logEvidence}, and by the grid ${exact}`);

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
