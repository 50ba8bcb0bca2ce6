import { openChromium } from '../browser/chromium.ts';

/** `npx visit ADDRESS` prints what a person reads on that page in Chromium, once nothing is loading any more. */
const browser = await openChromium();
try {
  const page = await browser.newPage();
  await page.goto(process.argv[2] ?? '', { waitUntil: 'networkidle' });
  console.log(await page.innerText('body'));
} finally {
  await browser.close();
}
