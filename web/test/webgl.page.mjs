// With WebGL and without it pages draw the same way: some views in a browser that has it switched off.

const VIEWS = ['explore/map', 'explore/latents', 'learn/manifold'];

/** Whether a browser has WebGL at all, which the pages themselves never ask. */
async function has(browser) {
  const page = await browser.newPage();
  const kinds = await page.evaluate(() =>
    ['webgl', 'webgl2'].filter((kind) => document.createElement('canvas').getContext(kind)),
  );
  await page.close();
  return kinds.join(' and ');
}

export default async function ({ open, check, browser, launched, hasWebGL, six, two }) {
  check.equal(await has(browser), hasWebGL ? 'webgl and webgl2' : '', 'what the other tests are done with');
  const without = await launched(false);
  try {
    check.equal(await has(without), '', 'what is switched off');
    const page = await open('#/explore/map?x=3', { url: two, by: without });
    for (const view of VIEWS) await drawn(page, check, view);
    await drawn(await open('#/explore/map?x=3', { url: six, by: without }), check, 'explore/map');
  } finally {
    await without.close();
  }
}

async function drawn(page, check, view) {
  await page.evaluate((to) => window.__latentia.state.go(to), view);
  await page.waitForSelector('main canvas:not([data-empty])');
  await page.waitForLoadState('networkidle');
  await check.drawn(page, `${view} without WebGL`);
}
