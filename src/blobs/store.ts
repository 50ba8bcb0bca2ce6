import type { Readable } from 'node:stream';

/**
 * Where packs, manifests and archive indexes are kept. Keys: `packs/<org>/<sha256>`, `manifests/<org>/<sha256>`,
 * `archives/<versionId>`. Every method rejects with BlobStoreFull when the storage has no room left,
 * and with BlobStoreUnavailable when it cannot be reached.
 */
export interface BlobStore {
  /**
   * Stores the bytes under key, atomically and durably (fsync before visible); refuses with BlobMismatch when
   * sha256 (hex) or size differ, and with BlobTooLarge above maxSize bytes, storing nothing. Repeating is harmless.
   * The body is consumed and checked even when the key is already there.
   */
  put(
    key: string,
    bytes: AsyncIterable<Uint8Array>,
    expect: { sha256?: string; size?: number; maxSize: number },
  ): Promise<{ sha256: string; size: number }>;
  /** Bytes [start, end) or all; rejects with BlobMissing, and with BlobMismatch when the range leaves the blob. */
  read(key: string, range?: ByteRange): Promise<Readable>;
  readBuffer(key: string, range?: ByteRange): Promise<Buffer>;
  /** Bytes; undefined when there is no such blob. */
  size(key: string): Promise<number | undefined>;
  /** Removing what is not there is not an error. */
  delete(key: string): Promise<void>;
  list(prefix: string): AsyncIterable<{ key: string; size: number }>;
  /** Removes temporary files left by a killed process, older than `olderThanMs`; returns how many. */
  sweep(olderThanMs: number): Promise<number>;
  /** Cheap readiness: rejects when the store cannot be written. */
  check(): Promise<void>;
}

/** Bytes start (inclusive) to end (exclusive). */
export interface ByteRange {
  start: number;
  end: number;
}

export class BlobMissing extends Error {
  override name = 'BlobMissing';
  constructor(readonly key: string) {
    super(`no blob ${key}`);
  }
}

export class BlobMismatch extends Error {
  override name = 'BlobMismatch';
  constructor(
    readonly key: string,
    readonly reason: 'sha256' | 'size',
  ) {
    super(`blob ${key}: ${reason} differs`);
  }
}

export class BlobTooLarge extends Error {
  override name = 'BlobTooLarge';
  constructor(
    readonly key: string,
    readonly maxSize: number,
  ) {
    super(`blob ${key}: more than ${maxSize} bytes`);
  }
}

/** The storage cannot be reached, or fails, for now: what was asked may work later. */
export class BlobStoreUnavailable extends Error {
  override name = 'BlobStoreUnavailable';
  constructor(options?: ErrorOptions) {
    super('the blob store is unavailable', options);
  }
}

export class BlobStoreFull extends Error {
  override name = 'BlobStoreFull';
  constructor(options?: ErrorOptions) {
    super('the blob store is full', options);
  }
}
