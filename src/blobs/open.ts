import { join } from 'node:path';
import { createFolderStore } from './folder.ts';
import { createS3Store, type S3Options } from './s3.ts';
import type { BlobStore } from './store.ts';

const S3_URL = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;

/** `s3://bucket/prefix` taken apart; undefined when the text is not of that form. */
export function parseS3Url(spec: string): { bucket: string; prefix: string } | undefined {
  const match = S3_URL.exec(spec);
  if (!match?.[1]) return undefined;
  return { bucket: match[1], prefix: (match[2] ?? '').replace(/^\/+|\/+$/g, '') };
}

/**
 * No spec → a folder `<dataDir>/blobs`; `s3://bucket/prefix` → S3-compatible storage. Credentials come from the
 * usual AWS variables unless given. Throws a RangeError on anything else.
 */
export function openBlobStore(
  spec: string | undefined,
  options: { dataDir: string } & Omit<S3Options, 'bucket' | 'prefix'>,
): BlobStore {
  const { dataDir, ...s3 } = options;
  if (spec === undefined || spec === '') return createFolderStore(join(dataDir, 'blobs'));
  const place = parseS3Url(spec);
  if (!place) throw new RangeError('BLOB_STORE must be empty or of the form s3://bucket/prefix');
  return createS3Store({ ...s3, ...place });
}
