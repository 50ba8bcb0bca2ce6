import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Rejects where there is no browser: a check that was not made must not look like one that passed. */
export async function openChromium(env: Record<string, string> = {}): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? (await findChromium());
  // Chromium's own sandbox refuses to start as root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args, env: { ...process.env, ...env } as Record<string, string> });
}

async function findChromium(): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const path = join(folder, name);
      const found = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (found) return path;
    }
  }
  throw new Error(`no browser: install Chromium (${NAMES.join(', ')}) or name it in CHROMIUM`);
}

/** Rules of the standard alone, without what axe-core holds to be good besides. */
export const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe-core objects to by the rules of those tags, or by all; one line each. Run through the debugger, which the page's policy does not bind. */
export async function accessibilityProblems(page: Page, tags?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) {
    const { source } = createRequire(import.meta.url)('axe-core') as { source: string };
    await page.evaluate(source);
  }
  return page.evaluate(async (runOnly) => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; help: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run({ resultTypes: ['violations'], ...(runOnly && { runOnly }) });
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`);
  }, tags);
}
