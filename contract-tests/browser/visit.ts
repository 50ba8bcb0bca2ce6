import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Cookie, Page } from 'playwright-core';
import { accessibilityProblems } from './chromium.ts';

/** Where screenshots go, for people to look at; none are made without it. */
const PICTURES = process.env['SCREENSHOTS'];
const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 900 };
/** The narrowest that pages must fit into (WCAG 2.2, 1.4.10). */
const NARROWEST = 320;

export interface VisitOptions extends BrowserContextOptions {
  readonly cookies?: readonly Pick<Cookie, 'name' | 'value'>[] | undefined;
  /** Before the page is opened. */
  readonly init?: (page: Page) => Promise<void>;
}

type Run = (page: Page) => Promise<void>;

/** A browser with nothing stored but the cookies; whatever its console complains about fails the test. */
export async function visit(browser: Browser, url: string, run: Run, options: VisitOptions = {}): Promise<void> {
  const { cookies = [], init, ...rest } = options;
  const context = await browser.newContext({ viewport: DESKTOP, ...rest });
  const complaints: string[] = [];
  try {
    await context.addCookies(cookies.map((cookie) => ({ ...cookie, url: new URL(url).origin })));
    const page = await context.newPage();
    await init?.(page);
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        complaints.push(message.text());
      }
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(url);
    await run(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

/** Waits for the field with `autofocus`: a browser gives it the focus some frames after the page has loaded. */
export async function autofocused(page: Page): Promise<void> {
  await page.waitForFunction('document.activeElement === document.querySelector("[autofocus]")');
}

export async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

/** Which picture an element shows depends on width and scheme, and is decided a little after they change. */
const IMAGES_SHOWN = `(async () => {
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  await frame();
  await Promise.all([...document.images].map((image) => image.decode()));
})()`;

/** Holds at every width, in both colour schemes: nothing for axe-core (of those tags), nothing to scroll sideways. */
export async function looksRight(page: Page, name: string, tags?: readonly string[]): Promise<void> {
  for (const [size, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
    await page.setViewportSize(viewport);
    assert.equal(await scrollsSideways(page), false, `${name} scrolls sideways at ${viewport.width}`);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.evaluate(IMAGES_SHOWN);
      await picture(page, `${name}-${size}-${colorScheme}`);
      assert.deepEqual(await accessibilityProblems(page, tags), [], `${name}, ${size}, ${colorScheme}`);
    }
  }
  await page.setViewportSize({ ...PHONE, width: NARROWEST });
  assert.equal(await scrollsSideways(page), false, `${name} scrolls sideways at ${NARROWEST}`);
}

function scrollsSideways(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
}
