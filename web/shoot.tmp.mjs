// node shoot.tmp.mjs PORT HASH NAME [phone] [dark] [ko]
import { chromium } from 'playwright-core';
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
for (const spec of process.argv.slice(2)) {
  const [port, hash, name, ...looks] = spec.split('|');
  const phone = looks.includes('phone');
  const context = await browser.newContext({
    viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
    colorScheme: looks.includes('dark') ? 'dark' : 'light',
    locale: looks.includes('ko') ? 'ko-KR' : 'en-US', reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && console.log(name, m.text()));
  page.on('pageerror', (e) => console.log(name, String(e)));
  await page.goto(`http://127.0.0.1:${port}/#/${hash}`);
  await page.waitForFunction(() => window.__latentia?.ready, undefined, { timeout: 120000 });
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(4000);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) console.log(name, 'too wide by', wide);
  await page.screenshot({ path: `/tmp/groups/shots/${name}.png`, fullPage: phone || looks.includes('full') });
  await context.close();
}
await browser.close();
