// Restore: the errors add up, what is there stays, the brush erases and is undone, noise is decoded.

const view = (page) => page.evaluate(() => {
  const { average, spread, clean, damaged, errors, effective, samples } = window.__latentia.views['learn/denoise'];
  const rows = samples.map((one) => [...one]);
  return { average: [...average], spread: [...spread], clean: [...clean], damaged: [...damaged], errors, effective, samples: rows };
});
const gaps = (page) => page.evaluate(() => [...(window.__latentia.views['learn/denoise']?.damaged ?? [])].filter(Number.isNaN).length);

export default async function ({ open, check, two }) {
  const page = await open('#/learn/denoise?x=4', { url: two });
  await page.waitForFunction(() => window.__latentia.views['learn/denoise']);
  const half = await view(page);
  check.equal(await gaps(page), 392, 'erased pixels');
  const there = half.damaged.map((value, d) => d).filter((d) => !Number.isNaN(half.damaged[d]) && half.damaged[d] !== null);
  check.close(there.map((d) => half.average[d]), there.map((d) => half.clean[d]), 'what is there');
  check.ok(there.every((d) => half.spread[d] === 0 && half.samples.every((one) => one[d] === half.clean[d])), 'what is there has a spread');
  const error = (one) => one.reduce((sum, value, d) => sum + (value - half.clean[d]) ** 2, 0);
  check.close([half.errors.average], [error(half.average)], 'the error of the average');
  const spread = half.spread.reduce((sum, sd) => sum + sd * sd, 0);
  check.close([half.errors.one], [half.errors.average + spread], 'the error of one draw');
  const judged = () => page.evaluate(() => {
    const value = (cell) => Number(cell.textContent.replace(/[^0-9.]/g, ''));
    return { all: [...document.querySelectorAll('table.lines td')].map(value), best: [...document.querySelectorAll('tr.best td')].map(value) };
  });
  // One draw's error is written as the sum that it is, of the numbers of the table.
  const adds = async (all, when) => {
    const [one, average, spread] = (await page.textContent('[data-testid=sum]')).match(/\d+\.\d/g).map(Number);
    check.close([average + spread], [one], `the sum ${when}: ${one} = ${average} + ${spread}`, 1e-9);
    check.equal([one, average].join(), all.slice(2).join(), `the sum ${when}, and the table`);
    const { errors } = await view(page);
    check.ok(Math.abs(spread - errors.spread) <= 0.1 + 1e-9, `the spread ${when} is ${spread}, not ${errors.spread}`);
  };
  // The average is the best on average alone: of some x something else is.
  for (const x of [4, 3, 10, 18]) {
    await page.evaluate((x) => window.__latentia.focus.pin(x), x);
    await page.waitForTimeout(1200);
    const { all, best } = await judged();
    check.equal(all.length, 4, 'errors in the table');
    check.equal(best.join(), String(Math.min(...all)), `the error that is marked of example ${x}`);
    await adds(all, `of example ${x}`);
  }
  await page.evaluate(() => window.__latentia.focus.pin(4));
  await page.waitForTimeout(1200);
  const evidence = await page.textContent('[data-testid=evidence]');
  check.ok(/ −?\d+\.\d+ ± (?!0\.0+ )\d+\.\d+ nats/.test(evidence), `log p of what is left without its error: ${evidence}`);
  check.ok(half.effective > 1 && half.effective <= 2000, `${half.effective} draws count`);

  await page.click('[data-testid=put-back]');
  await page.waitForFunction(() => [...window.__latentia.views['learn/denoise'].damaged].every((v) => !Number.isNaN(v)));
  const box = await page.locator('[data-testid=brush]').boundingBox();
  await page.mouse.move(box.x + 0.3 * box.width, box.y + 0.5 * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.7 * box.width, box.y + 0.5 * box.height, { steps: 6 });
  await page.mouse.up();
  await page.waitForFunction(() => [...window.__latentia.views['learn/denoise'].damaged].some(Number.isNaN));
  check.ok((await gaps(page)) > 30, 'the brush erased too little');
  // The whole drag is one step.
  await page.click('button[aria-label=Undo]');
  await page.waitForFunction(() => [...window.__latentia.views['learn/denoise'].damaged].every((v) => !Number.isNaN(v)));

  await page.selectOption('[data-testid=kind]', 'salt');
  await page.waitForFunction(() => window.__latentia.views['learn/denoise'].effective === undefined);
  const noisy = await view(page);
  check.close([noisy.errors.one], [noisy.errors.average + noisy.spread.reduce((sum, sd) => sum + sd * sd, 0)], 'the error of one draw of q');
  const changed = noisy.damaged.filter((value, d) => value !== noisy.clean[d]).length;
  check.ok(changed > 100 && changed < 230, `${changed} of 784 pixels were changed`);
  for (const kind of ['salt', 'gaussian']) {
    await page.selectOption('[data-testid=kind]', kind);
    await page.waitForTimeout(1200);
    await adds((await judged()).all, `of ${kind}`);
  }
  for (const amount of ['0.1', '0.15', '0.2', '0.25', '0.3', '0.35', '0.5', '0.6']) {
    const before = await page.evaluate((amount) => {
      const { errors } = window.__latentia.views['learn/denoise'];
      const slider = document.querySelector('[data-testid=amount]');
      slider.value = amount;
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      return errors.one;
    }, amount);
    await page.waitForFunction((before) => window.__latentia.views['learn/denoise'].errors.one !== before, before);
    await page.waitForTimeout(100);
    await adds((await judged()).all, `of noise of ${amount}`);
  }

  // An x of one's own is what is damaged, and no example.
  const own = await page.evaluate(async () => {
    const { focus, page } = window.__latentia;
    const x = (await page.source.examples([7])).map((value) => (value > 0.5 ? 1 : 0));
    await focus.show(x);
    return [...x];
  });
  await page.waitForFunction((own) => window.__latentia.views['learn/denoise']?.clean?.every((value, d) => value === own[d]), own);
  check.equal(await page.locator('main [data-testid^=example-][aria-pressed=true]').count(), 0, 'examples that are marked beside an own x');
}
