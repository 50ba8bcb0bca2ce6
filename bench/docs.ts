import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { openChromium } from '../contract-tests/browser/chromium.ts';
import { atEnd } from './ending.ts';
import { alternate, median, printMedians } from './rounds.ts';
import { startServer } from './server.ts';

/** Time in a browser that has nothing kept, from asking for `/docs` until a search finds an operation; and until there is text to read. */
export async function run(rounds = 7): Promise<string> {
  const { url } = await startServer();
  const browser = await openChromium();
  atEnd(() => browser.close());
  await printSizes(url);
  const figures = await alternate(rounds, {
    readable: () => seconds(browser, `${url}/docs`, false),
    interactive: () => seconds(browser, `${url}/docs`, true),
  });
  printMedians('s', figures);
  return `docs: interactive after ${median(figures.interactive).toFixed(2)} s (median of ${rounds}; target below 2)`;
}

async function seconds(browser: Browser, address: string, interactive: boolean): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    const started = performance.now();
    await page.goto(address, { waitUntil: 'commit' });
    if (!interactive) await page.getByRole('heading', { name: 'Introduction' }).first().waitFor();
    else {
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByRole('combobox').fill('mint');
      await page.getByRole('option').first().waitFor();
    }
    return (performance.now() - started) / 1000;
  } finally {
    await context.close();
  }
}

async function printSizes(url: string): Promise<void> {
  const page = await (await fetch(`${url}/docs`)).text();
  const names = [...page.matchAll(/(?:href|src)="(docs\/[^"]+)"/g)].map(([, name]) => name);
  for (const path of [...new Set(['docs', 'openapi.json', 'openapi.yaml', ...names])]) {
    const plain = Buffer.from(await (await fetch(`${url}/${path}`)).arrayBuffer());
    const head = await fetch(`${url}/${path}`, { method: 'HEAD', headers: { 'accept-encoding': 'br' } });
    const brotli = Number(head.headers.get('content-length'));
    console.log(
      `/${path}: ${kilobytes(plain.length)}, ${kilobytes(gzipSync(plain).length)} as gzip, ${kilobytes(brotli)} as brotli`,
    );
  }
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`;
