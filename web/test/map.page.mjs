// The map: points are Python's, hover decodes, a click pins, keys move, colours and planes change.

export default async function ({ open, check, two, six }) {
  const page = await open('#/explore/map');
  await page.waitForFunction(() => window.__latentia.views['explore/map']?.count > 0);
  const mean = new Float32Array(await (await fetch(`${two}/page-data/array/mean`)).arrayBuffer());
  const points = await page.evaluate(() => [...window.__latentia.views['explore/map'].points]);
  check.close(points, mean, 'points of the map');
  await check.drawn(page, 'the map');

  // The pointer on a point shows the example and what its place decodes to; a click pins it.
  const place = await page.evaluate(() => {
    const { points, camera } = window.__latentia.views['explore/map'];
    const box = document.querySelector('[data-testid=scatter]').getBoundingClientRect();
    const scale = Math.min(box.width, box.height) / 2 / camera.half;
    // The point that is farthest out, of those to be seen, stands alone.
    let best = 0;
    for (let i = 0; 2 * i < points.length; i++) {
      const far = (at) => Math.hypot(points[2 * at], points[2 * at + 1]);
      if (far(i) > far(best) && far(i) < 0.95 * camera.half) best = i;
    }
    return {
      best,
      x: box.left + box.width / 2 + (points[2 * best] - camera.x) * scale,
      y: box.top + box.height / 2 - (points[2 * best + 1] - camera.y) * scale,
    };
  });
  await page.mouse.move(place.x, place.y);
  await page.waitForSelector('[data-testid=hover] figure:nth-child(2)');
  await page.waitForTimeout(300);
  await check.drawn(page, 'the card by the pointer');
  await page.mouse.click(place.x, place.y);
  await page.waitForFunction((best) => window.__latentia.focus.example === best, place.best);
  check.ok(true, 'pinned');
  await page.mouse.move(5, 5);

  // Keys: from the point that is pinned to another, which Enter pins.
  await page.focus('[data-testid=scatter]');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await page.waitForFunction((best) => window.__latentia.focus.example !== best, place.best);
  await page.waitForFunction(() => document.querySelector('[aria-live]').textContent.length > 5);
  check.ok(true, 'moved by keys');

  const half = () => page.evaluate(() => window.__latentia.views['explore/map'].camera.half);
  const before = await half();
  await page.keyboard.press('+');
  await page.waitForTimeout(50);
  check.ok((await half()) < before, 'plus did not zoom');

  for (const colour of ['kl', 'none', 'elbo']) {
    await page.selectOption('[data-testid=colour]', colour);
    await page.waitForTimeout(120);
    await check.drawn(page, `coloured by ${colour}`);
  }

  // More than two latents: the plane of two of them, and that of the principal components.
  const more = await open('#/explore/map?map.plane=z3,z5', { url: six });
  await more.waitForFunction(() => window.__latentia.views['explore/map']?.count > 0);
  const all = new Float32Array(await (await fetch(`${six}/page-data/array/mean`)).arrayBuffer());
  const plane = await more.evaluate(() => [...window.__latentia.views['explore/map'].points]);
  const wanted = Array.from({ length: plane.length }, (_, i) => all[6 * (i >> 1) + (i % 2 ? 4 : 2)]);
  check.close(plane, wanted, 'points on the plane of two latents');
  await more.selectOption('[data-testid=plane]', '');
  await more.waitForTimeout(150);
  const spread = await more.evaluate(() => {
    const { points } = window.__latentia.views['explore/map'];
    const moment = (from) => {
      let sum = 0;
      for (let i = from; i < points.length; i += 2) sum += points[i] ** 2;
      return sum;
    };
    return [moment(0), moment(1)];
  });
  check.ok(spread[0] >= spread[1] && spread[1] > 0, `components out of order: ${spread}`);
}
