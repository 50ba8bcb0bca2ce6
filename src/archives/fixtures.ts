import { createHash } from 'node:crypto';
import { Writable } from 'node:stream';
import { packKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import type { Manifest, ManifestSegment } from '../manifests/manifest.ts';
import type { Archive } from './serve.ts';

export const ORG = 'audio-company';

export function sha256(...parts: Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** A file as the list of slices that it is cut from. */
export interface Recipe {
  path: string;
  segments: ManifestSegment[];
}

export function manifestOf(packs: Buffer[], recipes: Recipe[]): Manifest {
  return {
    v: 3,
    packs: packs.map((pack) => ({ sha256: sha256(pack), size: pack.length })),
    files: recipes.map(({ path, segments }) => {
      const slices = segments.map(({ pack, offset, length }) => packs[pack]?.subarray(offset, offset + length));
      const bytes = slices.filter((slice) => slice !== undefined);
      return { path, segments, size: segments.reduce((sum, { length }) => sum + length, 0), sha256: sha256(...bytes) };
    }),
  };
}

export async function storePacks(store: BlobStore, packs: Buffer[]): Promise<void> {
  for (const pack of packs) {
    await store.put(packKey(ORG, sha256(pack)), one(pack), { maxSize: pack.length });
  }
}

export async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Bytes [start, end) of an archive, as a reader gets them. */
export async function poured(archive: Archive, start = 0, end = archive.size): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      // The buffer is used again as soon as the write is done.
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  await archive.pour(sink, start, end);
  return Buffer.concat(chunks);
}
