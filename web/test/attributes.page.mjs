// Attributes: a direction is the difference of means, moves z, is freed of others and kept.

export default async function ({ open, check, six }) {
  const page = await open('#/explore/attributes?x=5&attributes.plus=l3&attributes.minus=l1', { url: six });
  await page.waitForFunction(() => window.__latentia.views['explore/attributes']?.along && window.__latentia.focus.q);
  const get = async (name) => (await fetch(`${six}/page-data/array/${name}`)).arrayBuffer();
  const [mean, label] = [new Float32Array(await get('mean')), new Int32Array(await get('label'))];
  const middle = (k) => {
    const rows = [...label.keys()].filter((i) => label[i] === k);
    return Array.from({ length: 6 }, (_, d) => rows.reduce((sum, i) => sum + mean[6 * i + d], 0) / rows.length);
  };
  const [three, one] = [middle(3), middle(1)];
  const wanted = three.map((value, d) => value - one[d]);
  const along = () => page.evaluate(() => [...window.__latentia.views['explore/attributes'].along]);
  check.close(await along(), wanted, 'the direction');
  const tops = await page.$$eval('.now figure', (all) => all.map((one) => one.getBoundingClientRect().top));
  check.equal(tops[0], tops[1], 'where x and the moved begin');

  await page.fill('[data-testid=strength]', '2');
  await page.waitForTimeout(400);
  const z = await page.evaluate(() => [...window.__latentia.focus.z]);
  check.close(z, wanted.map((value, d) => mean[30 + d] + 2 * value), 'z at strength 2');
  const headers = { 'content-type': 'application/json' };
  const python = await (await fetch(`${six}/v1/decode`, { method: 'POST', headers, body: JSON.stringify({ z: [z] }) })).json();
  const strip = await page.evaluate(() => [...window.__latentia.views['explore/attributes'].strip]);
  check.close(strip.slice(5 * 784, 6 * 784), python.x.flat(2), 'the decode at strength 2');

  // Kept by a name, it is a slider here and among the latents, and another can be freed of it.
  await page.fill('[data-testid=name]', 'one to three');
  await page.click('[data-testid=keep]');
  await page.waitForSelector('[data-testid=sliders]');
  await page.selectOption('[data-testid=plus]', 'l8');
  await page.click('.chip');
  const free = await along();
  const dot = free.reduce((sum, value, d) => sum + value * wanted[d], 0);
  check.ok(Math.abs(dot) < 1e-3 && Math.hypot(...free) > 0.05, `still ${dot} along the other`);
  await check.drawn(page, 'attributes');

  const compose = await page.evaluate(() => {
    const { three, z } = window.__latentia.views['explore/attributes/composer'];
    return { three, z: [...z] };
  });
  const [a, b, c] = compose.three;
  check.close(compose.z, wanted.map((_, d) => mean[6 * a + d] - mean[6 * b + d] + mean[6 * c + d]), 'a - b + c');

  // Slots have names, and say which of them the next example goes into.
  const slots = () => page.$$eval('[data-testid=slots] [aria-pressed]', (all) => all.map((one) => `${one.getAttribute('aria-label')} ${one.ariaPressed}`));
  check.equal((await slots()).join('; '), `Slot a, Example ${a} true; Slot b, Example ${b} false; Slot c, Example ${c} false`, 'the slots');
  await page.click('[data-testid=slots] [aria-pressed] >> nth=2');
  await page.click('[data-testid=compose-from] button');
  const put = await page.evaluate(() => window.__latentia.views['explore/attributes/composer'].three);
  check.equal((await slots()).join('; '), `Slot a, Example ${a} true; Slot b, Example ${b} false; Slot c, Example ${put[2]} false`, 'the slots after c was filled');

  await page.evaluate(() => window.__latentia.state.go('explore/latents'));
  await page.waitForSelector('[data-testid=directions] input[type=range]');
  check.ok((await page.textContent('[data-testid=directions]')).includes('one to three'), 'no slider among the latents');

  // A step of a slider is heard, as fine as it is seen.
  for (const within of ['[data-testid=directions] input[type=range]', '.sliders input[type=range]']) {
    const slider = page.locator(within).first();
    const heard = [];
    for (let i = 0; i < 3; i++) {
      await slider.press('ArrowRight');
      heard.push(await slider.getAttribute('aria-valuetext'));
    }
    check.equal(new Set(heard).size, 3, `three steps say ${heard.join('; ')}`);
  }

  // Without an example, what is moved begins at the origin, whose decode is shown.
  const bare = await open('#/explore/attributes?attributes.plus=l3&attributes.minus=l1', { url: six });
  await bare.waitForFunction(() => window.__latentia.views['explore/attributes']?.start);
  const origin = await (await fetch(`${six}/v1/decode`, { method: 'POST', headers, body: JSON.stringify({ z: [[0, 0, 0, 0, 0, 0]] }) })).json();
  check.close(await bare.evaluate(() => [...window.__latentia.views['explore/attributes'].start]), origin.x.flat(2), 'the decode of the origin');
  check.equal(await bare.textContent('[data-testid=from] figcaption'), 'the origin, decoded', 'what it is called');
}
