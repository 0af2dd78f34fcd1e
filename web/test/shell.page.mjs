// The shell: the page's numbers are Python's, state and undo, language and theme.

export default async function ({ open, check, two, browser }) {
  const page = await open('#/explore/map?x=7');
  await page.waitForFunction(() => window.__latentia.focus.nats && window.__latentia.focus.x);

  // z is the mean that Python found, and decodes here as it does there.
  const mean = new Float32Array(await (await fetch(`${two}/page-data/array/mean`)).arrayBuffer());
  const z = await page.evaluate(() => window.__latentia.focus.z);
  check.close(z, mean.slice(14, 16), 'z of example 7');
  const decoded = await page.evaluate(() => [...window.__latentia.focus.decoded.shown]);
  const asked = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const python = await (
    await fetch(`${two}/v1/decode`, { ...asked, body: JSON.stringify({ z: [z] }) })
  ).json();
  check.close(decoded, python.x.flat(2), 'E[x|z]');

  // The link past the rail lies above the page, shadow and all, until it is focused.
  const shadow = () => page.$eval('.skip', (one) => getComputedStyle(one).boxShadow);
  check.equal(await shadow(), 'none', 'the shadow of a hidden link');
  await page.focus('.skip');
  check.ok((await shadow()) !== 'none', 'a link that is shown has no shadow');
  await page.evaluate(() => document.activeElement.blur());

  // The encoder in the page finds the posterior that Python found.
  const q = await page.evaluate(async () => {
    const { loc, scale } = await window.__latentia.page.model.encode(window.__latentia.focus.x);
    return [...loc.data, ...scale.data];
  });
  const deviation = new Float32Array(
    await (await fetch(`${two}/page-data/array/deviation`)).arrayBuffer(),
  );
  check.close(q, [...mean.slice(14, 16), ...deviation.slice(14, 16)], 'q(z|x)');

  // Many rows in chunks are each the same as alone.
  const many = await page.evaluate(async () => {
    const { model, description } = window.__latentia.page;
    const rows = 150;
    const z = Float32Array.from({ length: rows * description.latents }, (_, i) => Math.sin(i));
    const all = await model.shown(z);
    const last = await model.shown(z.slice(-description.latents));
    return { all: [...all.slice(-784)], last: [...last], length: all.length };
  });
  check.equal(many.length, 150 * 784, 'numbers of 150 decodes');
  check.close(many.all, many.last, 'the last of 150 decodes');

  // The bound on the page is ELBO = reconstruction - KL, and Python's.
  const nats = await page.evaluate(() => ({ ...window.__latentia.focus.nats }));
  const elbo = new Float32Array(await (await fetch(`${two}/page-data/array/elbo`)).arrayBuffer());
  check.close([nats.elbo, nats.reconstruction - nats.kl], [elbo[7], elbo[7]], 'the ELBO');
  // What is written is the mean over draws of z, and says how far it may be off.
  await page.waitForFunction(() => window.__latentia.views.inspector?.error);
  const averaged = await page.evaluate(() => ({ ...window.__latentia.views.inspector }));
  const shown = await page.textContent('[data-testid=bound] b');
  check.equal(shown, averaged.elbo.toFixed(2).replace('-', '−'), 'the ELBO as it is written');
  check.ok((await page.textContent('[data-testid=draws]')).includes(`± ${averaged.error.toFixed(2)}`), 'no ± beside the ELBO');
  check.close([averaged.reconstruction - averaged.kl], [averaged.elbo], 'the parts of the mean');
  check.close([averaged.kl], [nats.kl], 'the KL in closed form');

  // What moves z asks for no example again.
  const asks = [];
  page.on('request', (request) => asks.push(request.url()));
  for (const x of [0.1, 0.2, 0.3]) await page.evaluate((x) => (window.__latentia.focus.z = [x, 0]), x);
  await page.waitForFunction(() => Math.abs(window.__latentia.focus.decoded.z[0] - 0.3) < 1e-6);
  await page.waitForTimeout(200);
  check.equal(asks.filter((url) => url.includes('page-data/')).join(), '', 'what is asked for while z moves');
  for (let i = 0; i < 3; i++) await page.keyboard.press('Control+z');

  // State: a step, undone and done again, is in the address.
  await page.evaluate(() => (window.__latentia.focus.z = [1, -1]));
  await page.waitForFunction(() => location.hash.includes('z=1,-1'));
  await page.keyboard.press('Control+z');
  check.equal(await page.evaluate(() => window.__latentia.focus.example), 7, 'example after undo');
  await page.waitForFunction(() => !location.hash.includes('z='));
  await page.keyboard.press('Control+Shift+z');
  await page.waitForFunction(() => location.hash.includes('z=1,-1'));
  await page.goBack().catch(() => {});
  check.ok(true, 'the way back');

  // Of a link that says what cannot be, nothing is believed, and nothing stays in the address.
  const lies = 'x=99999&epoch=77&z=1e300,1e300&map.only=77&map.colour=nosuch&map.plane=z9,z9&map.at=0,0,-1';
  const absurd = await open(`#/explore/map?${lies}`);
  await absurd.waitForFunction(() => location.hash === '#/explore/map');
  check.equal(await absurd.evaluate(() => window.__latentia.focus.z.join()), '0,0', 'z of an absurd link');
  for (const [view, said, kept] of [
    ['learn/prior', 'prior.t=-5&z=1,2,3', 'prior.t=0'],
    ['learn/kl', 'kl.mu=1e9&kl.said=9', 'kl.mu=10'],
    ['learn/collapse', 'collapse.epoch=9999&collapse.beta=-3', 'collapse.beta=0.1'],
  ]) {
    await absurd.evaluate((to) => (location.hash = to), `#/${view}?${said}`);
    await absurd.waitForFunction((to) => location.hash === to, `#/${view}?${kept}`, { timeout: 5000 }).catch(() => {});
    check.equal(await absurd.evaluate(() => location.hash), `#/${view}?${kept}`, 'the address of an absurd link');
  }

  // What could not be had is said, and asked for again.
  const context = await browser.newContext();
  const lost = await context.newPage();
  await lost.route('**/page-data/array/mean', (route) => route.fulfill({ status: 500, json: { detail: 'The disk is gone.' } }));
  await lost.goto(`${two}/#/explore/neighbours?x=3`);
  await lost.waitForSelector('[data-testid=trouble]');
  const why = await lost.textContent('[data-testid=trouble]');
  check.ok(why.includes('The disk is gone.'), `what could not be had: ${why}`);
  check.ok(!(await lost.textContent('main')).includes('Loading'), 'a view waits for what has failed');
  await lost.unroute('**/page-data/array/mean');
  await lost.click('[data-testid=try-again]');
  await lost.waitForFunction(() => window.__latentia.views['explore/neighbours']?.distance.length && window.__latentia.focus.q);
  check.equal(await lost.locator('[data-testid=trouble]').count(), 0, 'what was had in the end');
  await context.close();

  // Of a server that has stopped the page says how it is started again, and no number of anything else.
  const stopped = await browser.newContext();
  const left = await stopped.newPage();
  await left.goto(`${two}/#/explore/map?x=3`);
  await left.waitForFunction(() => window.__latentia?.focus.nats);
  await left.route('**/page-data/**', (route) => route.abort());
  await left.evaluate(() => window.__latentia.focus.pin(11));
  await left.waitForSelector('[data-testid=trouble]');
  const told = await left.evaluate(() => window.__latentia.page.description.run);
  const how = await left.textContent('[data-testid=trouble]');
  check.ok(how.includes(`latentia explore ${told} --port ${new URL(two).port}`), `how the server is started again: ${how}`);
  const panel = await left.textContent('[data-testid=inspector]');
  check.ok(panel.includes('Example 11') && !/\d\.\d/.test(panel), `the inspector of nothing: ${panel}`);
  await stopped.close();

  // The tab is called as the view is; no view makes the document taller than the window.
  const named = await open('#/learn/kl');
  check.equal(await named.title(), 'KL between Gaussians · two', 'the title of the tab');
  await named.selectOption('[data-testid=language]', 'ko');
  check.equal(await named.title(), '정규분포 사이의 KL · two', 'the title of the tab in Korean');
  await named.selectOption('[data-testid=language]', 'en');
  for (const id of await named.evaluate(() => window.__latentia.ids)) {
    await named.evaluate((to) => window.__latentia.state.go(to), id);
    await named.waitForTimeout(150);
    const over = await named.evaluate(() => document.documentElement.scrollHeight - innerHeight);
    check.equal(over, 0, `pixels that ${id} is taller than the window`);
  }

  // What there is no view of says so and leads to the first; what this model lacks is named.
  for (const [to, said] of [['explore/nosuch', 'There is no such view.'], ['explore/groups', 'a ladder'], ['train/live', 'latentia train']]) {
    await named.evaluate((to) => (location.hash = `#/${to}`), to);
    await named.waitForFunction((said) => document.querySelector('[data-testid=absent]')?.textContent.includes(said), said, { timeout: 5000 });
  }
  await named.click('[data-testid=absent] a');
  await named.waitForFunction(() => document.querySelector('h1')?.textContent === 'Map');

  // Escape closes the menu of a phone, and the focus is where it was opened.
  const phone = await open('#/explore/map', { size: 'phone' });
  await phone.click('button.menu');
  check.equal(await phone.getAttribute('button.menu', 'aria-expanded'), 'true', 'the menu that is opened');
  await phone.focus('#rail a');
  await phone.keyboard.press('Escape');
  check.equal(await phone.getAttribute('button.menu', 'aria-expanded'), 'false', 'the menu after Escape');
  check.ok(await phone.evaluate(() => document.activeElement.matches('button.menu')), 'the focus after Escape');
  // Nor does it lie over a page that has the focus, or over one to which the browser has gone back.
  await phone.click('button.menu');
  await phone.locator('#rail a').last().focus();
  await phone.keyboard.press('Tab');
  check.equal(await phone.getAttribute('button.menu', 'aria-expanded'), 'false', 'the menu that was tabbed out of');
  await phone.evaluate(() => window.__latentia.state.go('explore/latents'));
  await phone.click('button.menu');
  await phone.goBack();
  await phone.waitForFunction(() => document.querySelector('h1').textContent === 'Map');
  check.equal(await phone.getAttribute('button.menu', 'aria-expanded'), 'false', 'the menu after the way back');

  // Of a long path the run's name is not cut: of the path its last part is said.
  const long = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const wide = await long.newPage();
  await wide.route('**/page-data/description', async (route) => {
    const answer = await (await route.fetch()).json();
    answer.examples.data = `/home/somebody/${'a-folder-of-many-words/'.repeat(5)}rows.csv`;
    await route.fulfill({ json: { ...answer, name: 'a-run-with-a-name-of-its-own' } });
  });
  await wide.goto(`${two}/#/explore/map?x=3`);
  await wide.waitForSelector('.model b');
  const cut = await wide.$eval('.model b', (one) => one.scrollWidth - one.clientWidth);
  check.ok(cut <= 0, `pixels of the run's name that are cut: ${cut}`);
  check.ok((await wide.textContent('.model .about')).endsWith('rows.csv'), 'the data beside the name');
  check.ok(!(await wide.textContent('.model')).includes('somebody'), 'folders beside the name');
  await long.close();

  // A link opens what it was made of.
  const linked = await open('#/explore/latents?x=3&z=0.5,-0.25');
  check.close(await linked.evaluate(() => window.__latentia.focus.z), [0.5, -0.25], 'z of a link');
  check.equal(await linked.textContent('h1'), 'Latents', 'the view of a link');

  await linked.selectOption('[data-testid=language]', 'ko');
  check.equal(await linked.textContent('h1'), '잠재 변수', 'the title in Korean');
  check.equal(await linked.evaluate(() => document.documentElement.lang), 'ko', 'the lang of the page');
  check.ok((await linked.textContent('.about')).includes('잠재 변수 2개'), 'the model in Korean');
  check.equal(await linked.evaluate(() => getComputedStyle(document.body).wordBreak), 'keep-all', 'Korean breaks between words');
  check.ok(await linked.isVisible('button[aria-label="실행 취소"]'), 'a button is named in English still');
  const ground = () => linked.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await linked.click('[data-testid=theme]');
  await linked.click('[data-testid=theme]');
  check.ok((await ground()) !== light, 'the theme did not change');
}
