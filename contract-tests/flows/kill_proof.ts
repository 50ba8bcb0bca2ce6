import { createHash } from 'node:crypto';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { call, mint } from './api.ts';
import { type Acknowledged, contentOf, PRODUCT } from './kill_clients.ts';
import type { Publisher } from './release.ts';
import { run } from './run.ts';

export interface Proof {
  found: number;
  missing: string[];
}

/** Asks for each acknowledged thing by the call that a client would use. */
export async function findAgain({ url, key, vendorId }: Publisher, known: Acknowledged): Promise<Proof> {
  const missing: string[] = [];
  const hashes = [...known.packs];
  for (let i = 0; i < hashes.length; i += 500) {
    const packHashes = hashes.slice(i, i + 500);
    const { json } = await call('POST', `${url}/api/pack-check`, { key, json: { vendorId, packHashes } });
    const existing = new Set(json.existing as unknown as string[]);
    for (const hash of packHashes) if (!existing.has(hash)) missing.push(`pack ${hash}`);
  }
  await inParallel([...known.versions], async ([version, id]) => {
    const { status, json } = await call('GET', `${url}/api/products/${PRODUCT}/versions/${id}`, { key });
    const good = status === 200 && json.version === version && ['processing', 'ready'].includes(String(json.status));
    if (!good) missing.push(`version ${version}: ${status} ${JSON.stringify(json)}`);
  });
  await inParallel(known.tokens, async (token) => {
    const { status } = await call('HEAD', `${url}/download/archive?token=${token}`);
    if (status !== 200) missing.push(`token: ${status}`);
  });
  const total = known.packs.size + known.versions.size + known.tokens.length;
  return { found: total - missing.length, missing };
}

interface Row {
  id: string;
  version: string;
  status: string;
}

/** Waits until no version is in `processing` any more, and answers all, acknowledged or not. */
export async function untilVerified({ url, key }: Publisher, seconds: number): Promise<Row[]> {
  for (const deadline = Date.now() + 1000 * seconds; ; await pause(500)) {
    const rows: Row[] = [];
    let next: string | undefined = `${url}/api/products/${PRODUCT}/versions?limit=200`;
    while (next) {
      const { text, headers } = await call('GET', next, { key });
      rows.push(...(JSON.parse(text) as Row[]));
      next = /<([^>]*)>; *rel="next"/.exec(headers.get('link') ?? '')?.[1];
    }
    if (Date.now() > deadline || rows.every(({ status }) => status !== 'processing')) return rows;
  }
}

/** Downloads every version and compares each file; also by Python's zipfile, which checks the CRCs. */
export async function compareAll({ url, key }: Publisher, rows: Row[], folder: string): Promise<string[]> {
  const wrong: string[] = [];
  await inParallel(rows, async ({ version, status }) => {
    if (status !== 'ready') {
      wrong.push(`${version} is ${status}`);
      return;
    }
    const { bytes } = await call('GET', await mint(url, key, PRODUCT, version));
    for (const file of contentOf(version)) if (!bytes.includes(file.bytes)) wrong.push(`${version}: ${file.path}`);
    await writeFile(join(folder, `${version}.zip`), bytes);
  });
  const program = `import sys, zipfile, glob
for f in glob.glob(sys.argv[1] + '/*.zip'):
    z = zipfile.ZipFile(f)
    if z.testzip() or len(z.namelist()) != 3: print(f)`;
  const { code, out, err } = await run('python3', ['-c', program, folder]);
  if (code !== 0 || out !== '') wrong.push(`zipfile: ${out} ${err}`);
  return wrong;
}

/** Stored packs and manifests whose bytes are not what their name says. */
export async function halfWritten(blobs: string): Promise<string[]> {
  const wrong: string[] = [];
  for (const kind of ['packs', 'manifests']) {
    const files = await readdir(join(blobs, kind), { recursive: true, withFileTypes: true });
    for (const file of files) {
      if (!file.isFile()) continue;
      const bytes = await readFile(join(file.parentPath, file.name));
      const hash = createHash('sha256').update(bytes).digest('hex');
      if (!basename(file.name).includes(hash)) wrong.push(join(file.parentPath, file.name));
    }
  }
  return wrong;
}

/** Makes all temporary files look two hours old; answers how many there are. */
export async function ageTemporaryFiles(blobs: string): Promise<number> {
  const names = await readdir(join(blobs, 'tmp')).catch(() => []);
  const past = Date.now() / 1000 - 7200;
  for (const name of names) await utimes(join(blobs, 'tmp', name), past, past);
  return names.length;
}

async function inParallel<T>(items: T[], each: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (;;) {
      const item = items[next++];
      if (item === undefined) return;
      await each(item);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}
