// The map: points are Python's, hover decodes, a click pins, keys move, colours and planes change;
// selections by label, number and lasso, their means, sets, downloads; pictures when zoomed in.

import { readFileSync } from 'node:fs';

async function selections({ page, check, two }) {
  const array = async (name, Kind) =>
    new Kind(await (await fetch(`${two}/page-data/array/${name}`)).arrayBuffer());
  const [label, elbo] = [await array('label', Int32Array), await array('elbo', Float32Array)];
  const told = () => page.evaluate(() => {
    const { members, moments } = window.__latentia.views['explore/map/selection'];
    return { members: [...members], mean: moments && [...moments.mean] };
  });
  const where = (is) => [...label.keys()].filter(is).join();

  // By label, with more added by Shift: the members are those of the labels, and so is their mean.
  // The tools lie above the map, and once they are there it neither moves nor is made smaller, whatever is selected.
  await page.setViewportSize({ width: 1920, height: 1080 });
  const box = () => page.locator('[data-testid=scatter]').boundingBox();
  const lies = async () => JSON.stringify(await box());
  await page.click('[data-testid=select]');
  const alone = await lies();
  const tools = await page.locator('[data-testid=tools]').boundingBox();
  check.ok(tools.y + tools.height <= (await box()).y, 'the tools lie over the map');
  await page.click('[data-testid=tool] [data-value=label]');
  await page.waitForSelector('.row .button');
  check.equal(await lies(), alone, 'where the map lies with the labels');
  await page.selectOption('[data-testid=colour]', 'label');
  await page.waitForSelector('[data-testid=legend] button');
  const names = await page.$$eval('.row .button, [data-testid=legend] button', (all) => all.map((one) => one.getAttribute('aria-label')));
  check.equal(new Set(names).size, 20, `names of the buttons of ten labels: ${names}`);
  await page.click('.row .button:nth-child(4)');
  await page.waitForSelector('[data-testid=drawer]');
  check.equal(await lies(), alone, 'where the map lies with a selection');
  await page.setViewportSize({ width: 1280, height: 800 });
  check.equal((await told()).members.join(), where((i) => label[i] === 3), 'members by label');
  await page.click('.row .button:nth-child(2)', { modifiers: ['Shift'] });
  check.equal((await told()).members.join(), where((i) => [1, 3].includes(label[i])), 'members added');
  await page.waitForTimeout(600);
  const { members, mean } = await told();
  const sum = new Float64Array(784);
  for (let from = 0; from < members.length; from += 200) {
    const at = members.slice(from, from + 200).join();
    const x = await (await fetch(`${two}/page-data/examples?at=${at}`)).arrayBuffer();
    new Float32Array(x).forEach((value, i) => (sum[i % 784] += value / members.length));
  }
  check.close(mean, sum, 'the mean of the selection');
  await page.click('[data-testid=set-a]');
  await page.click('[data-testid=invert]');
  check.equal((await told()).members.length, label.length - members.length, 'members inverted');
  await check.drawn(page, 'the drawer');

  // By a number: all below the threshold.
  await page.click('[data-testid=tool] [data-value=number]');
  await page.selectOption('[data-testid=of]', 'elbo');
  await page.fill('[data-testid=threshold]', String([...elbo].sort((a, b) => a - b)[20]));
  await page.click('[data-testid=take]');
  const at = Number(await page.inputValue('[data-testid=threshold]'));
  check.equal((await told()).members.join(), [...elbo.keys()].filter((i) => elbo[i] <= at).join(), 'below');
  const [saved] = await Promise.all([page.waitForEvent('download'), page.click('[data-testid=save-csv]')]);
  const lines = readFileSync(await saved.path(), 'utf8').trim().split('\n');
  check.equal(lines.length, (await told()).members.length + 1, 'lines of the CSV');
  check.ok(lines[0].startsWith('example,elbo') || lines[0].includes('label'), `the CSV begins ${lines[0]}`);

  // A lasso round the right half; undo brings the last selection back, and a link the set.
  await page.click('[data-testid=tool] [data-value=lasso]');
  const before = (await told()).members.join();
  await page.locator('[data-testid=scatter]').scrollIntoViewIfNeeded();
  const around = await box();
  const [x, y] = [around.x + around.width / 2, around.y + around.height / 2];
  await page.mouse.move(x, around.y + around.height - 2);
  await page.mouse.down();
  for (const [to, down] of [[x + 260, around.y + around.height - 2], [x + 260, y], [x + 260, around.y + 2], [x, around.y + 2], [x, y], [x, around.y + around.height - 2]]) {
    await page.mouse.move(to, down, { steps: 4 });
  }
  await page.mouse.up();
  const { points, camera } = await page.evaluate(() => {
    const { points, camera } = window.__latentia.views['explore/map'];
    return { points: [...points], camera };
  });
  const scale = Math.min(around.width, around.height) / 2 / camera.half;
  const [wide, high] = [260 / scale, (around.height / 2 - 2) / scale];
  const inside = [...label.keys()].filter((i) => {
    const [dx, dy] = [points[2 * i] - camera.x, points[2 * i + 1] - camera.y];
    return dx > 0 && dx < wide && Math.abs(dy) < high;
  });
  const found = new Set((await told()).members);
  const wrong = inside.filter((i) => !found.has(i)).length + found.size - inside.filter((i) => found.has(i)).length;
  check.ok(found.size > 5 && wrong <= 3, `${wrong} of ${found.size} are wrong in the lasso`);
  await page.keyboard.press('Control+z');
  check.equal((await told()).members.join(), before, 'members after undo');
  const link = await page.evaluate(() => window.__latentia.state.link());
  check.ok(link.includes('a=') && link.includes('map.selected='), `no sets in ${link}`);
  await page.click('[data-testid=clear]');

  // Closer, where few are in sight, they are small pictures.
  await page.click('[data-testid=select]');
  await page.evaluate(() => window.__latentia.state.set('map.at', '0,0,0.12'));
  await page.waitForFunction(() => window.__latentia.views['explore/map'].few > 0);
  await page.waitForTimeout(500);
  await check.drawn(page, 'small pictures');
  await page.evaluate(() => window.__latentia.state.set('map.at', undefined));
}

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
  await page.keyboard.press('0');
  check.equal(await page.evaluate(() => window.__latentia.state.entry('map.at')), undefined, 'where one looks after 0');

  for (const colour of ['kl', 'none', 'elbo']) {
    await page.selectOption('[data-testid=colour]', colour);
    await page.waitForTimeout(120);
    await check.drawn(page, `coloured by ${colour}`);
  }

  await selections({ page, check, two });

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

  // The colour in use is named before it is known which there are.
  const early = await open('#/explore/map?epoch=1');
  let release = () => {};
  const held = new Promise((resolve) => (release = resolve));
  await early.route('**/page-data/at/1/arrays*', (route) => held.then(() => route.continue()));
  await early.reload();
  await early.waitForSelector('[data-testid=colour]', { timeout: 30_000 });
  check.equal(await early.inputValue('[data-testid=colour]'), 'label', 'the colour before the arrays');
  release();
  await early.waitForFunction(() => document.querySelectorAll('[data-testid=colour] option').length > 3);
  check.equal(await early.inputValue('[data-testid=colour]'), 'label', 'the colour with the arrays');
}
