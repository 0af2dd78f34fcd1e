// What is checked of pages: assertions that go on, and a sweep over every view.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export class Checks {
  failures = [];
  passed = 0;

  constructor(name) {
    this.name = name;
  }

  fail(what) {
    if (!this.failures.includes(what)) this.failures.push(what);
  }

  ok(value, what) {
    if (value) this.passed++;
    else this.fail(what);
  }

  equal(found, wanted, what) {
    this.ok(found === wanted, `${what}: ${found}, not ${wanted}`);
  }

  /** Numbers within 1e-4 of each other, absolutely or of the larger. */
  close(found, wanted, what, tolerance = 1e-4) {
    const [a, b] = [[...found].flat(), [...wanted].flat()];
    if (a.length !== b.length) return this.fail(`${what}: ${a.length} numbers, not ${b.length}`);
    const away = a.map((value, i) => Math.abs(value - b[i]) / Math.max(1, Math.abs(b[i])));
    const worst = Math.max(...away);
    this.ok(a.length && worst <= tolerance, `${what}: off by ${worst}`);
  }

  /** Errors of a page fail the test. */
  watch(page) {
    page.on('pageerror', (error) => this.fail(`an error in the page: ${error.message}`));
    page.on('console', (message) => {
      const ours = message.text().includes('willReadFrequently'); // said of `drawn`, not of the page
      if (['error', 'warning'].includes(message.type()) && !ours) {
        const view = page.url().replace(/.*#/, '#').replace(/\?.*/, '');
        this.fail(`${view}: the console says: ${message.text()}`);
      }
    });
  }

  /** Every canvas that can be seen shows something, within some seconds: not one colour alone. */
  async drawn(page, where, tries = 30) {
    const blank = await page.evaluate(() =>
      [...document.querySelectorAll('canvas')]
        .filter((canvas) => canvas.width > 4 && canvas.checkVisibility() && !canvas.dataset.empty)
        .filter((canvas) => {
          const context = canvas.getContext('2d');
          if (!context) return true; // not of two dimensions: what it shows cannot be known
          const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
          const words = new Uint32Array(data.buffer);
          return words.every((word) => word === words[0]);
        })
        .map((canvas) => canvas.closest('[aria-label]')?.getAttribute('aria-label') ?? 'a canvas'),
    );
    if (blank.length && tries > 0) {
      await page.waitForTimeout(200);
      return this.drawn(page, where, tries - 1);
    }
    this.ok(!blank.length, `${where}: of one colour, or not of two dimensions: ${blank.join('; ')}`);
  }

  /** No finding of axe-core that is serious or critical. */
  async accessible(page, where) {
    await page.evaluate(axe);
    const found = await page.evaluate(() =>
      window.axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
        violations
          .filter(({ impact }) => ['serious', 'critical'].includes(impact))
          .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 90)).join(' | ')}`),
      ),
    );
    this.ok(!found.length, `${where}: ${found.join('; ')}`);
  }
}

/** Look at every view of a run: light on a laptop in English, dark on a phone in Korean. */
export async function sweep({ open, check, url, name, shots }) {
  const looks = [
    { size: 'laptop', theme: 'light', language: 'en' },
    { size: 'phone', theme: 'dark', language: 'ko' },
  ];
  for (const look of looks) {
    const page = await open('#/explore/map?x=3', { url, ...look });
    await page.waitForFunction(() => window.__latentia.focus.nats);
    for (const id of await page.evaluate(() => window.__latentia.ids)) {
      const where = `${id}, ${look.size} ${look.theme} ${look.language}`;
      await page.evaluate((to) => window.__latentia.state.go(to), id);
      await page.waitForSelector('main h1');
      await page.waitForLoadState('networkidle');
      await page.waitForTimeout(250);
      await check.drawn(page, where);
      await check.accessible(page, where);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      check.ok(wide <= 0, `${where}: ${wide} pixels too wide`);
      if (shots) {
        const file = `${shots}/${name}-${id.replace('/', '-')}-${look.size}.png`;
        await page.screenshot({ path: file, fullPage: look.size === 'phone' });
      }
    }
  }
}
