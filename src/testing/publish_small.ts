import { createHash, randomBytes } from 'node:crypto';
import type { Deps } from '../deps.ts';
import type { Manifest } from '../manifests/manifest.ts';
import { productHash } from '../manifests/product_hash.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { verifyVersion } from '../versions/tasks.ts';
import type { TestClient } from './client.ts';

export interface SmallVersion {
  /** Created when left out. */
  readonly product?: string;
  /** Default 1.0.0. */
  readonly version?: string;
  /** Default true. */
  readonly activate?: boolean;
  /** Path → content; all of it goes into one pack. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
}

export interface PublishedSmall {
  readonly product: string;
  readonly version: string;
  readonly versionId: string;
  readonly pack: { readonly sha256: string; readonly bytes: Buffer };
  /** The body of POST /api/manifest. */
  readonly manifest: ManifestBody;
}

export interface ManifestBody {
  vendorId: string;
  productId: string;
  version: string;
  productHash: string;
  manifest: Manifest;
  activate: boolean;
}

const FILES = { 'README.txt': 'Read me.\n', 'kits/kick.wav': Buffer.alloc(2000, 'kick'), 'empty.txt': '' };

export function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** One pack with the contents one after the other, and the manifest that names them. */
export function packSmall(files: SmallVersion['files'] = FILES): { pack: Buffer; manifest: Manifest } {
  const contents = Object.entries(files)
    .map(([path, content]) => ({ path, bytes: Buffer.from(content) }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  const pack = Buffer.concat(contents.map(({ bytes }) => bytes));
  let offset = 0;
  const rows = contents.map(({ path, bytes }) => {
    const segments = bytes.length === 0 ? [] : [{ pack: 0, offset, length: bytes.length }];
    offset += bytes.length;
    return { path, size: bytes.length, sha256: sha256(bytes), segments };
  });
  return { pack, manifest: { v: 3, packs: [{ sha256: sha256(pack), size: pack.length }], files: rows } };
}

/** Publishes a few files through the API as a member would, and verifies them at once, without a worker. */
export async function publishSmall(
  { client, deps }: { client: TestClient; deps: Deps },
  { apiKey, orgId }: Pick<NewAccount, 'apiKey' | 'orgId'>,
  { product, version = '1.0.0', activate = true, files }: SmallVersion = {},
): Promise<PublishedSmall> {
  const slug = product ?? `p-${randomBytes(6).toString('hex')}`;
  if (product === undefined) await accepted(client.post('/api/products', { as: apiKey, json: { name: slug, slug } }));
  const { pack, manifest } = packSmall(files);
  const hash = sha256(pack);
  await accepted(client.put(`/api/blob/${orgId}/packs/pack-${hash}`, { as: apiKey, body: pack }));
  const hashOfAll = productHash(manifest.files);
  const json = { vendorId: orgId, productId: slug, version, productHash: hashOfAll, manifest, activate };
  const { id } = (await accepted(client.post('/api/manifest', { as: apiKey, json }))).json;
  await verifyVersion(deps, { organisationId: orgId, productId: slug, versionId: id });
  const { status } = (await accepted(client.get(`/api/products/${slug}/versions/${id}`, { as: apiKey }))).json;
  if (status !== 'ready') throw new Error(`the version is ${status}`);
  return { product: slug, version, versionId: id, pack: { sha256: hash, bytes: pack }, manifest: json };
}

async function accepted<T extends { status: number; body: Buffer }>(answer: Promise<T>): Promise<T> {
  const settled = await answer;
  if (settled.status >= 300) throw new Error(`answered ${settled.status}: ${settled.body.toString()}`);
  return settled;
}
