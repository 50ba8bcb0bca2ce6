import { BlobMismatch, BlobMissing, BlobStoreFull } from './store.ts';

/** Names that S3-compatible servers give to "no room left". */
const FULL = new Set(['InsufficientStorage', 'QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded']);

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

/** A missing bucket is a wrong configuration, not a missing blob. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.name !== 'NoSuchBucket' && statusOf(error) === 404;
}

/** For `.catch()`: rethrows an SDK error in the store's own terms. */
export function translateS3(key: string): (error: unknown) => never {
  return (error) => {
    if (isNotFound(error)) throw new BlobMissing(key);
    if (statusOf(error) === 416) throw new BlobMismatch(key, 'size');
    if (statusOf(error) === 507 || (error instanceof Error && FULL.has(error.name))) {
      throw new BlobStoreFull({ cause: error });
    }
    throw error;
  };
}
