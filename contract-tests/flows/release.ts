import { createHash } from 'node:crypto';
import { type Answer, call } from './api.ts';

export interface File {
  path: string;
  bytes: Buffer;
}

export interface Segment {
  pack: number;
  offset: number;
  length: number;
}

export interface Manifest {
  v: number;
  packs: { sha256: string; size: number }[];
  files: { path: string; size: number; sha256: string; segments: Segment[] }[];
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Files in one pack, in the order given; the caller keeps it below 16 MiB. */
export function onePack(files: File[]): { pack: Buffer; manifest: Manifest } {
  const pack = Buffer.concat(files.map(({ bytes }) => bytes));
  let offset = 0;
  const listed = files.map(({ path, bytes }) => {
    const segments = bytes.length === 0 ? [] : [{ pack: 0, offset, length: bytes.length }];
    offset += bytes.length;
    return { path, size: bytes.length, sha256: sha256(bytes), segments };
  });
  return { pack, manifest: { v: 3, packs: [{ sha256: sha256(pack), size: pack.length }], files: listed } };
}

/** SHA-256 of the RFC 8785 JSON of `[{path,size,sha256}]` sorted by the bytes of path. */
export function productHash({ files }: Manifest): string {
  const rows = files.map(({ path, size, sha256 }) => ({ path, sha256, size }));
  rows.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  return sha256(Buffer.from(JSON.stringify(rows)));
}

export interface Publisher {
  url: string;
  key: string;
  vendorId: string;
}

export function putPack({ url, key, vendorId }: Publisher, bytes: Uint8Array, hash = sha256(bytes)): Promise<Answer> {
  return call('PUT', `${url}/api/blob/${vendorId}/packs/pack-${hash}`, { key, bytes });
}

export function postManifest(
  { url, key, vendorId }: Publisher,
  productId: string,
  version: string,
  manifest: Manifest,
  more: object = {},
): Promise<Answer> {
  const json = { vendorId, productId, version, productHash: productHash(manifest), manifest, ...more };
  return call('POST', `${url}/api/manifest`, { key, json });
}

export function createProduct({ url, key }: Publisher, slug: string): Promise<Answer> {
  return call('POST', `${url}/api/products`, { key, json: { slug, name: slug, description: 'a product' } });
}
