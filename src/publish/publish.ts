import type { Manifest } from '../manifests/manifest.ts';
import { productHash } from '../manifests/product_hash.ts';
import { ahead } from './ahead.ts';
import { type Api, createApi } from './api.ts';
import { versionTaken } from './explain.ts';
import { bytesToPack, packFiles } from './pack.ts';
import { PackConflict } from './pack_store.ts';
import { PublishError } from './publish_error.ts';
import { changed, hashFile, readStretch } from './read_file.ts';
import type { Wait } from './retry.ts';
import { planReuse, type Reuse } from './reuse.ts';
import { type LocalFile, scanFolder } from './scan.ts';
import { allStored, createUploader, shelfOf, type UploadCounts } from './upload.ts';
import {
  activateVersion,
  ensureProduct,
  getActiveVersionId,
  getManifest,
  getVendorId,
  getVersion,
  listVersions,
  type VersionRow,
  versionOf,
} from './wire.ts';

export interface Progress {
  phase: 'scan' | 'hash' | 'upload' | 'verify';
  /** Bytes; in `scan` and `verify` steps. */
  done: number;
  total: number;
  /** The path that is being read. */
  file?: string;
}

export interface PublishOptions {
  folder: string;
  /** Slug; created where it does not exist. */
  product: string;
  version: string;
  activate?: boolean;
  url: string;
  apiKey: string;
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
  wait?: Wait;
}

export interface Published {
  vendorId: string;
  productId: string;
  versionId: string;
  version: string;
  status: string;
  files: number;
  /** Sum of the sizes of the files. */
  bytes: number;
  /** That the version consists of. */
  packs: number;
  packsUploaded: number;
  bytesUploaded: number;
  /** This run was to activate it, and did. */
  activated: boolean;
  /** Customers get this version. */
  active: boolean;
  productCreated: boolean;
  /** This version had been published with the same content before. */
  alreadyPublished: boolean;
  /** Left out: files that systems leave behind, folders without files. */
  junk: number;
  emptyFolders: number;
}

type HashedFile = LocalFile & { sha256: string };

interface Packed extends UploadCounts {
  manifest: Manifest;
}

const SHORTEST_POLL_MS = 50;
const LONGEST_POLL_MS = 1_000;
/** Of what was waited already: asking seldom may make that much longer, no more. */
const POLL_SHARE = 0.05;
const HASHED_AT_ONCE = 4;

/**
 * Publishes a folder as a version and waits until it is ready. Resumable: run it again and only what is missing is
 * sent. Rejects with a PublishError whose message is for people, or with the reason of the signal.
 */
export async function publish(options: PublishOptions): Promise<Published> {
  const { folder, product, version, activate = false, url, apiKey, signal, onProgress = () => undefined } = options;
  onProgress({ phase: 'scan', done: 0, total: 1 });
  const { files, bytes, junk, emptyFolders } = await scanFolder(folder, signal);
  onProgress({ phase: 'scan', done: 1, total: 1 });

  const api = createApi({ url, apiKey, signal, wait: options.wait });
  const vendorId = await getVendorId(api);
  const productCreated = await ensureProduct(api, product);
  const versions = productCreated ? [] : await listVersions(api, product);
  const taken = versions.find((row) => row.version === version && row.status === 'ready');
  const latest = taken ?? versions.find((row) => row.status === 'ready');
  const previous = latest && (await getManifest(api, product, latest.id));
  const hashed = taken || previous ? await hashAll(files, onProgress, signal) : undefined;
  const common = { vendorId, productId: product, version, files: files.length, bytes };
  const counted = { productCreated, junk, emptyFolders };

  if (taken && hashed) {
    if (productHash(hashed) !== taken.productHash) throw versionTaken(version);
    const activated = await ensureActive(api, product, taken.id, activate);
    const packs = previous?.packs.length ?? 0;
    const sent = { packs, packsUploaded: 0, bytesUploaded: 0 };
    const states = { status: 'ready', activated, active: activated || taken.active, alreadyPublished: true };
    return { ...common, ...counted, ...sent, ...states, versionId: taken.id };
  }

  const { manifest, ...sent } = await pack({ api, vendorId, files: hashed ?? files, previous, onProgress });
  onProgress({ phase: 'verify', done: 0, total: 1 });
  const answer = await api.request('POST', '/api/manifest', {
    doing: `publishing ${product} ${version}`,
    json: { vendorId, productId: product, version, productHash: productHash(manifest.files), manifest, activate },
  });
  const row = await untilVerified(api, product, versionOf(answer), signal);
  onProgress({ phase: 'verify', done: 1, total: 1 });
  const activated = await ensureActive(api, product, row.id, activate);
  const packs = manifest.packs.length;
  const alreadyPublished = answer.status === 200 && sent.packsUploaded === 0;
  const states = { status: row.status, activated, active: activated || row.active, alreadyPublished };
  return { ...common, ...counted, ...sent, ...states, packs, versionId: row.id };
}

async function hashAll(
  files: LocalFile[],
  onProgress: (progress: Progress) => void,
  signal: AbortSignal | undefined,
): Promise<HashedFile[]> {
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const hashed: HashedFile[] = [];
  let done = 0;
  for await (const { input, result } of ahead(files, HASHED_AT_ONCE, (file) => hashFile(file, signal))) {
    hashed.push({ ...input, sha256: result });
    done += input.size;
    onProgress({ phase: 'hash', done, total, file: input.path });
  }
  return hashed;
}

interface PackRun {
  api: Api;
  vendorId: string;
  files: (LocalFile & { sha256?: string })[];
  previous: Manifest | undefined;
  onProgress: (progress: Progress) => void;
}

async function pack(run: PackRun): Promise<Packed> {
  const reuse = run.previous && planReuse(shas(run.files), run.previous);
  if (!reuse) return await packAndUpload(run, undefined);
  const kept = reuse.packs.map(({ sha256 }) => sha256);
  if (!(await allStored(run.api, run.vendorId, kept))) return await packAndUpload(run, undefined);
  try {
    return await packAndUpload(run, reuse);
  } catch (error) {
    if (error instanceof PackConflict) return await packAndUpload(run, undefined);
    throw error;
  }
}

async function packAndUpload({ api, vendorId, files, onProgress }: PackRun, reuse: Reuse | undefined): Promise<Packed> {
  const total = bytesToPack(files, reuse);
  let done = 0;
  let reading = '';
  const report = (): void => onProgress({ phase: 'upload', done, total, ...(reading && { file: reading }) });
  const uploader = createUploader(shelfOf(api, vendorId), (stored) => {
    done += stored;
    report();
  });
  report();
  const packs = packFiles<(typeof files)[number]>(files, {
    reuse,
    read(file, start, length) {
      reading = file.path;
      return readStretch(file, start, length);
    },
    changed,
  });
  let next = await packs.next();
  while (!next.done) {
    await uploader.add(next.value);
    next = await packs.next();
  }
  const counts = await uploader.finish();
  // Content that occurs twice was counted twice in the total and sent once.
  done = total;
  report();
  return { manifest: next.value, ...counts };
}

function shas(files: { sha256?: string }[]): string[] {
  return files.flatMap(({ sha256 }) => (sha256 === undefined ? [] : [sha256]));
}

async function untilVerified(
  api: Api,
  product: string,
  first: VersionRow,
  signal: AbortSignal | undefined,
): Promise<VersionRow> {
  let row = first;
  for (let waited = 0; row.status === 'processing';) {
    const ms = Math.min(Math.max(SHORTEST_POLL_MS, waited * POLL_SHARE), LONGEST_POLL_MS);
    await api.wait(ms, signal);
    waited += ms;
    row = await getVersion(api, product, first.id);
  }
  if (row.status === 'ready') return row;
  const reasons = row.failures.length > 0 ? row.failures.map((reason) => `\n  ${reason}`).join('') : '';
  throw new PublishError(`The server did not accept the version: it is ${row.status}.${reasons}`, {
    codes: row.failures,
  });
}

/** The server activates on its own when the manifest asked for it; an older version has to be activated by a call. */
async function ensureActive(api: Api, product: string, id: string, wanted: boolean): Promise<boolean> {
  if (!wanted) return false;
  if ((await getActiveVersionId(api, product)) !== id) await activateVersion(api, product, id);
  return true;
}
