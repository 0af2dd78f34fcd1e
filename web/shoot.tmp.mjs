import { chromium } from 'playwright-core';
const [url, prefix, hash='#/', looks='wide-light'] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu','--disable-quic'] });
for (const look of looks.split(',')) {
  const [size, theme, lang='en'] = look.split('-');
  const [width, height] = size === 'phone' ? [390, 844] : [1440, 900];
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, locale: lang === 'ko' ? 'ko-KR' : 'en-US', reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.on('console', (m) => ['error','warning'].includes(m.type()) && console.log(m.text()));
  page.on('pageerror', (e) => console.log('ERR', e.message));
  await page.goto(`${url}/${hash}`);
  await page.waitForTimeout(3000);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  const tall = await page.evaluate(() => document.querySelector('main').scrollHeight + 60);
  console.log(look, 'too wide', wide, 'tall', tall);
  if (size !== 'phone') await page.setViewportSize({ width, height: Math.max(height, tall) });
  await page.waitForTimeout(600);
  await page.screenshot({ path: `${prefix}-${look}.png`, fullPage: true });
}
await browser.close();
