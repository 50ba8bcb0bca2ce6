import { BlobMismatch, BlobMissing, BlobStoreFull, BlobStoreUnavailable } from './store.ts';

/** Names that S3-compatible servers give to "no room left". */
const FULL = new Set(['InsufficientStorage', 'QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded']);

/** Names that servers and the SDK give to what may work when asked again. */
const PASSING = new Set([
  'InternalError',
  'RequestTimeout',
  'ServiceUnavailable',
  'SlowDown',
  'ThrottlingException',
  'TimeoutError',
  'TooManyRequests',
]);
/** What a connection ends in, "socket hang up" being an ECONNRESET. */
const UNREACHABLE = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

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

function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ((statusOf(error) ?? 0) >= 500 || statusOf(error) === 429 || PASSING.has(error.name)) return true;
  return 'code' in error && typeof error.code === 'string' && UNREACHABLE.has(error.code);
}

/** For `.catch()`: rethrows an SDK error in the store's own terms. */
export function translateS3(key: string): (error: unknown) => never {
  return (error) => {
    if (isNotFound(error)) throw new BlobMissing(key);
    if (statusOf(error) === 416) throw new BlobMismatch(key, 'size');
    if (statusOf(error) === 507 || (error instanceof Error && FULL.has(error.name))) {
      throw new BlobStoreFull({ cause: error });
    }
    if (isPassing(error)) throw new BlobStoreUnavailable({ cause: error });
    throw error;
  };
}
