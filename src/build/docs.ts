import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { OpenAPIV3 } from 'openapi-types';
import { stringify } from 'yaml';
import { servedDocument, shownDocument } from '../docs/content/documents.ts';
import { readGuides } from '../docs/content/guides.ts';
import { renderPage } from '../docs/content/page.tsx';
import { textAbove } from '../docs/content/text.ts';
import { prepareReference } from './prepare_reference.ts';
import { bundleReference } from './reference.ts';

/**
 * Makes what `/docs` and `/openapi.*` serve. The documents still name no server; script and stylesheet are compressed
 * here, as they stay the same.
 */
export async function buildDocs(root: string, folder: string): Promise<void> {
  const assets = await bundleReference(root, join(folder, 'assets'));
  await compressAll(join(folder, 'assets'));
  const bundle = JSON.parse(await readFile(join(root, 'generated/openapi.json'), 'utf8')) as OpenAPIV3.Document;
  for (const [name, text] of await renderTexts(root, bundle, assets)) await writeFile(join(folder, name), text);
}

type Assets = Awaited<ReturnType<typeof bundleReference>>;

/** Name → content of everything but script and stylesheet. */
export async function renderTexts(root: string, bundle: OpenAPIV3.Document, assets: Assets) {
  const markdown = textAbove(bundle, await readGuides(join(root, 'openapi/guides')));
  const served = servedDocument(bundle);
  const page = renderPage({
    document: bundle,
    markdown,
    script: `docs/${assets.script}`,
    style: `docs/${assets.style}`,
    content: 'docs/content.json',
  });
  return new Map([
    ['openapi.json', `${JSON.stringify(served, null, 1)}\n`],
    // Long lines stay lines, and nothing is an alias: simple readers of YAML know neither folding nor aliases.
    ['openapi.yaml', stringify(served, { lineWidth: 0, aliasDuplicateObjects: false })],
    ['content.json', JSON.stringify(await prepareReference(shownDocument(bundle), markdown))],
    ['page.html', page],
  ]);
}

export async function compressAll(folder: string): Promise<void> {
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const contents = await readFile(path);
    await writeFile(`${path}.br`, await promisify(brotliCompress)(contents, brotli));
    await writeFile(`${path}.gz`, await promisify(gzip)(contents, { level: constants.Z_BEST_COMPRESSION }));
  }
}
