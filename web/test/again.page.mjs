// What could not be had is had once it is asked for again, and nothing stands for it meanwhile.

export default async function ({ browser, check, two }) {
  for (const test of [code, styles, decoded, runtime, another]) {
    const context = await browser.newContext({ locale: test === code ? 'ko-KR' : 'en-US' });
    await test(await context.newPage(), check, two).catch((error) => check.fail(`${test.name}: ${error.message}`));
    await context.close();
  }
}

const broken = (route) => route.fulfill({ status: 500, json: { detail: 'The disk is gone.' } });
const told = (page) => page.waitForSelector('[data-testid=trouble]');
const ready = (page) => page.waitForFunction(() => window.__latentia?.ready && window.__latentia.focus.decoded);

/** Ask again for what is there now, and wait until nothing is said any more. */
async function again(page) {
  await page.unrouteAll();
  await page.click('[data-testid=try-again]');
  await page.waitForSelector('[data-testid=trouble]', { state: 'detached' });
}

/** The code of a view, said in the language of the page. */
async function code(page, check, two) {
  await page.route('**/assets/Latents-*.js', broken);
  await page.goto(`${two}/#/explore/latents?x=3`);
  await told(page);
  const said = await page.textContent('[data-testid=trouble]');
  check.ok(said.includes('이 보기의 코드를 불러오지 못했습니다.') && said.includes('다시 시도'), `code that is not there: ${said}`);
  await page.selectOption('[data-testid=language]', 'en');
  check.equal(await page.textContent('[data-testid=try-again]'), 'Try again', 'the button in English');
  // It is no trouble of another view, and still one of its own.
  await page.evaluate(() => window.__latentia.state.go('explore/map'));
  await page.waitForSelector('[data-testid=trouble]', { state: 'detached' });
  await page.waitForSelector('main canvas:not([data-empty])');
  await page.evaluate(() => window.__latentia.state.go('explore/latents'));
  await told(page);
  check.ok((await page.textContent('[data-testid=trouble]')).includes('could not be loaded'), 'code that is still not there');
  await again(page);
  await page.waitForSelector('[data-testid=draw]');
  check.equal(await page.evaluate(() => window.__latentia.focus.example), 3, 'what was looked at');
}

/** Its styles: a view without them is none, and they are not sent for twice within a page. */
async function styles(page, check, two) {
  await page.route('**/assets/Latents-*.css', broken);
  await page.goto(`${two}/#/explore/latents?x=3`);
  await told(page);
  await again(page);
  await page.waitForSelector('[data-testid=draw]');
  const ruled = await page.evaluate(() => getComputedStyle(document.querySelector('main .latents')).display);
  check.equal(ruled, 'grid', 'the styles of a view');
}

/** What the z in hand decodes to: the model is there, and z stays where a hand has put it. */
async function decoded(page, check, two) {
  await page.route('**/at/1/half/decoder*', broken);
  await page.goto(`${two}/#/explore/latents?epoch=1&z=0.5,-1`);
  await told(page);
  // Once all of the epoch is here, nothing but the button asks anew.
  await page.evaluate(() => Promise.all(['mean', 'elbo'].map((name) => window.__latentia.page.array(name))));
  await page.waitForTimeout(500);
  check.ok(await page.evaluate(() => window.__latentia.page.model && !window.__latentia.focus.decoded), 'a model that does not decode');
  await again(page);
  await ready(page);
}

/** What runs models in the page: without it there is no model, and no word of it but this one. */
async function runtime(page, check, two) {
  await page.route('**/*.wasm', broken);
  await page.goto(`${two}/#/explore/latents?x=3`);
  await told(page);
  check.ok((await page.textContent('[data-testid=trouble]')).includes('The disk is gone.'), 'why there is no model');
  await again(page);
  await ready(page);
}

/** The answer to another question: that to the one before is none. */
async function another(page, check, two) {
  const points = (n) => page.waitForFunction((n) => window.__latentia?.views['explore/map']?.points.length > 0 === n, n, { timeout: 8000 });
  await page.goto(`${two}/#/explore/map?x=3`);
  await points(true);
  await page.route('**/at/1/array/mean', broken);
  await page.evaluate(() => (window.__latentia.page.epoch = 1));
  await told(page);
  await points(false).catch(() => check.fail('the points of another epoch stay where those of this one failed'));
  await again(page);
  await points(true);
  check.equal(await page.evaluate(() => window.__latentia.views['explore/map'].epoch), 1, 'the epoch of the points');
}
