// A model that is no graph: the page asks the program behind it, and the numbers are the same.

const WHY = { what: 'No numbers say all of this posterior.', how: 'Use another.' };

export default async function ({ open, check, browser, two }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  check.watch(page);
  await page.route('**/page-data/graphs', (route) =>
    route.fulfill({ json: { graphs: [], why_not: WHY, z: { latents: 2, conditions: 0 } } }),
  );
  await page.route('**/*.{onnx,wasm}', (route) => {
    check.fail(`asked for ${route.request().url()}`);
    return route.abort();
  });
  await page.goto(`${two}/#/explore/latents?x=5`);
  const decoded = () => window.__latentia?.ready && window.__latentia.focus.decoded && window.__latentia.focus.x;
  await page.waitForFunction(decoded);
  await page.waitForTimeout(300);
  await check.drawn(page, 'the latents by Python');
  check.equal(await page.textContent('.state span'), 'Decoded by Python', 'what is said of the model');
  const served = await open('#/explore/latents?x=5');
  await served.waitForFunction(decoded);

  const numbers = (one) =>
    one.evaluate(async () => {
      const { focus, page } = window.__latentia;
      const { loc, scale } = await page.model.encode(focus.x);
      const z = Float32Array.from({ length: 300 }, (_, i) => Math.sin(i));
      const many = await page.model.shown(z);
      const logits = focus.decoded.parameters.logits.data;
      return [...focus.decoded.shown, ...logits, ...loc.data, ...scale.data, ...many.slice(-1568)];
    });
  check.close(await numbers(page), await numbers(served), 'numbers by Python beside those by graphs');

  // A finger's questions are answered, and the last is that of the last z.
  const slider = page.locator('[data-testid=z1]');
  for (const value of ['-1', '0', '1.5']) await slider.fill(value);
  await page.waitForFunction(() => window.__latentia.focus.decoded.z[0] === 1.5);
  await context.close();
}
