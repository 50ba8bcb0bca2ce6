import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createOrganisation } from './account.ts';
import { call, mint } from './api.ts';
import { noise } from './random.ts';
import { createProduct, type Manifest, postManifest } from './release.ts';
import { continuity } from './run.ts';
import type { Scene } from './scene.ts';
import { startServer } from './server.ts';
import type { Tally } from './tally.ts';
import { untilReady } from './version_ready.ts';

const SHARED = Array.from({ length: 20 }, (_, i) => ({
  path: `shared/${i}.wav`,
  bytes: noise(`shared ${i}`, 300_000),
}));
const ONLY_PRO = Array.from({ length: 8 }, (_, i) => ({ path: `pro/${i}.wav`, bytes: noise(`pro ${i}`, 400_000 + i) }));

/** Two products out of overlapping folders: the token of the small one reads no byte that only the big one has. */
export async function litePro(tally: Tally, scene: Scene): Promise<void> {
  const server = await startServer(scene);
  const { apiKey } = await createOrganisation(server, 'two-editions');
  const env = { CONTINUITY_URL: server.url, CONTINUITY_API_KEY: apiKey };
  const root = await scene.folder();
  // "pro" first, so that "lite" finds packs in the store that hold more than it may see.
  for (const [product, files] of [
    ['pro', [...SHARED, ...ONLY_PRO]],
    ['lite', SHARED],
    ['lite-again', SHARED.slice(0, 5)],
  ] as const) {
    for (const { path, bytes } of files) {
      await mkdir(join(root, product, path, '..'), { recursive: true });
      await writeFile(join(root, product, path), bytes);
    }
    const args = ['publish', join(root, product), '--product', product, '--version', '1.0.0', '--activate', '--json'];
    const { code, err } = await continuity(args, env);
    tally.check(`${product} is published`, code === 0, err);
  }
  await handMade(tally, server.url, apiKey);
  const pro = await manifestOf(server.url, await tokenOf(server.url, apiKey, 'pro'));
  for (const product of ['lite', 'lite-again', 'lite-by-hand']) {
    const token = await tokenOf(server.url, apiKey, product);
    await readsNothing(tally, server.url, product, token, pro);
  }
}

/** A manifest that refers to slices of the packs of "pro", as a program of its own might send. */
async function handMade(tally: Tally, url: string, key: string): Promise<void> {
  const publisher = { url, key, vendorId: 'two-editions' };
  const pro = await manifestOf(url, await tokenOf(url, key, 'pro'));
  const files = pro.files.filter(({ path }) => path.startsWith('shared/'));
  const used = [...new Set(files.flatMap(({ segments }) => segments.map(({ pack }) => pack)))];
  const packs = used.map((index) => pro.packs[index]).filter((pack) => pack !== undefined);
  const renumbered = files.map((file) => ({
    ...file,
    segments: file.segments.map((segment) => ({ ...segment, pack: used.indexOf(segment.pack) })),
  }));
  await createProduct(publisher, 'lite-by-hand');
  const posted = await postManifest(publisher, 'lite-by-hand', '1.0.0', { v: 3, packs, files: renumbered });
  const { json } = await untilReady(publisher, 'lite-by-hand', posted);
  tally.check('a manifest over parts of the packs of pro is ready', json.status === 'ready', json);
}

async function readsNothing(tally: Tally, url: string, product: string, token: string, pro: Manifest): Promise<void> {
  const archive = await call('GET', `${url}/download?token=${token}`);
  tally.check(`${product}: the archive holds its own files`, archive.status === 200 && holds(archive.bytes, SHARED[0]));
  tally.check(`${product}: and none of pro`, !holdsAny(archive.bytes), archive.bytes.length);
  const manifest = await call('GET', `${url}/download/manifest?token=${token}`);
  const named = ONLY_PRO.some(({ path }) => manifest.text.includes(path));
  tally.check(`${product}: the manifest names no file of pro`, manifest.status === 200 && !named);
  const own = JSON.parse(manifest.text) as Manifest;
  const allowed = new Set(own.packs.map(({ sha256 }) => sha256));
  let refused = 0;
  let leaked = 0;
  let ranges = 0;
  for (const { sha256, size } of pro.packs) {
    const link = `${url}/download/packs/${sha256}?token=${token}`;
    const whole = await call('GET', link);
    if (whole.status === 404) refused++;
    else if (holdsAny(whole.bytes) || !allowed.has(sha256)) leaked++;
    for (let start = 0; start < size; start += 100_000) {
      const range = `bytes=${start}-${Math.min(size, start + 100_000) - 1}`;
      const part = await call('GET', link, { headers: { range } });
      ranges++;
      if (part.status < 300 && reveals(part.bytes)) leaked++;
    }
    for (const range of ['bytes=-1000', 'bytes=0-0,100-199', 'bytes=0-']) {
      const part = await call('GET', link, { headers: { range } });
      ranges++;
      if (part.status < 300 && reveals(part.bytes)) leaked++;
    }
  }
  const text = `${refused} of ${pro.packs.length} packs of pro are 404, ${ranges} ranges`;
  tally.check(`${product}: no byte of pro through packs (${text})`, leaked === 0, { leaked });
  const foreign = pro.packs.filter(({ sha256 }) => !allowed.has(sha256)).length;
  tally.check(`${product}: every pack that it does not refer to is 404`, refused >= foreign, { refused, foreign });
}

const holds = (bytes: Buffer, file: { bytes: Buffer } | undefined) => file !== undefined && bytes.includes(file.bytes);

/** Eight bytes of every 64 that only pro has: no stretch of 71 of its bytes goes unnoticed. */
const PROBES = new Set(
  ONLY_PRO.flatMap(({ bytes }) =>
    Array.from({ length: Math.floor(bytes.length / 64) }, (_, i) => bytes.readBigUInt64LE(64 * i)),
  ),
);

function reveals(bytes: Buffer): boolean {
  for (let i = 0; i + 8 <= bytes.length; i++) if (PROBES.has(bytes.readBigUInt64LE(i))) return true;
  return false;
}

function holdsAny(bytes: Buffer): boolean {
  return ONLY_PRO.some(
    (file) => bytes.includes(file.bytes.subarray(0, 64)) || bytes.includes(file.bytes.subarray(-64)),
  );
}

async function tokenOf(url: string, key: string, product: string): Promise<string> {
  return new URL(await mint(url, key, product, '1.0.0')).searchParams.get('token') ?? '';
}

async function manifestOf(url: string, token: string): Promise<Manifest> {
  const { text } = await call('GET', `${url}/download/manifest?token=${token}`);
  return JSON.parse(text) as Manifest;
}
