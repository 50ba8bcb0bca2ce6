import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { packKey } from '../blobs/keys.ts';
import { BlobMismatch, BlobTooLarge } from '../blobs/store.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { keepPacks } from '../manifests/queries.ts';
import { recordPack } from './queries.ts';

/**
 * Streams a pack into the store and records it; refused unless its bytes hash to `sha256` (hex). Repeating it is
 * harmless. Bytes first, row second: a process that dies between leaves bytes that the next upload finds.
 */
export async function storePack(
  db: Kysely<DB>,
  { blobs }: Deps,
  organisationId: string,
  sha256: string,
  bytes: AsyncIterable<Uint8Array>,
  maxSize: number,
): Promise<number> {
  const key = packKey(organisationId, sha256);
  const { size } = await blobs.put(key, bytes, { sha256, maxSize }).catch((cause: unknown) => {
    if (cause instanceof BlobMismatch) throw fail('invalid_format', { field: 'sha256', cause });
    if (cause instanceof BlobTooLarge) throw fail('payload_too_large', { cause, headers: { Connection: 'close' } });
    throw cause;
  });
  await inTransaction(db, async (tx) => {
    await keepPacks(tx);
    if ((await blobs.size(key)) !== size) throw fail('unavailable');
    await recordPack(tx, organisationId, Buffer.from(sha256, 'hex'), size);
  });
  return size;
}
