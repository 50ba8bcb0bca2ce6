import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { renderDownloadScript } from './browser.ts';
import { bundleDocument, renderBundle } from './bundle.ts';
import { renderMigrationsIndex } from './migrations.ts';
import { renderOperations } from './operations.ts';
import { renderTypes } from './types.ts';
import { renderValidators } from './validators.ts';

/** Every generated file that follows from `openapi/`, `migrations/` and the browser's script alone: name below `generated/` → content. */
export async function renderGenerated(root: string): Promise<Map<string, string>> {
  const document = await bundleDocument(join(root, 'openapi/openapi.yaml'));
  return new Map([
    ['openapi.json', renderBundle(document)],
    ['types.ts', await renderTypes(document)],
    ['operations.ts', renderOperations(document)],
    ['download_script.ts', await renderDownloadScript(root)],
    ...renderValidators(document),
    ['migrations.ts', renderMigrationsIndex(await readdir(join(root, 'migrations')))],
  ]);
}

/** Names below `generated/` whose content differs from what would be generated, missing and orphaned ones included. */
export async function staleFiles(root: string, expected: Map<string, string>): Promise<string[]> {
  const present = await readdir(join(root, 'generated'), { recursive: true, withFileTypes: true });
  const found = present
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(root, 'generated').length + 1));
  const stale = found.filter((name) => !expected.has(name));
  for (const [name, content] of expected) {
    const actual = await readFile(join(root, 'generated', name), 'utf8').catch(() => undefined);
    if (actual !== content) stale.push(name);
  }
  return stale;
}

export async function writeGenerated(root: string, files: Map<string, string>): Promise<void> {
  for (const [name, content] of files) {
    const path = join(root, 'generated', name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

export async function removeOrphans(root: string, files: Map<string, string>): Promise<void> {
  for (const name of await staleFiles(root, files)) if (!files.has(name)) await rm(join(root, 'generated', name));
}
