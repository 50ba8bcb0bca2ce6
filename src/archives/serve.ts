import { Readable, type Writable } from 'node:stream';
import { isFolderStore } from '../blobs/folder.ts';
import type { BlobStore } from '../blobs/store.ts';
import type { ArchiveIndex } from './layout.ts';
import { CHUNK_CAPACITY, type ChunkSource, createLocalSource } from './local_chunks.ts';
import { pourChunks } from './pour.ts';
import { createRemoteSource } from './remote_chunks.ts';
import { createSliceReader } from './slice_reader.ts';

/** A served archive. Memory per transfer is flat: a few chunks of about half a MiB. */
export interface Archive {
  /** Bytes of the whole ZIP. */
  size: number;
  /** Quoted, strong. */
  etag: string;
  /**
   * Bytes [start, end). Fails (BlobMissing, BlobMismatch, I/O) rather than end early; destroying it closes its files.
   */
  stream(start: number, end: number): Readable;
  /**
   * Writes bytes [start, end) to `sink` in recycled buffers, the fastest way out; ends neither side. Resolves with the
   * bytes handed to the system (fewer than asked only when `sink` closed first); rejects on a storage error, after
   * destroying `sink`, so that no reader takes the part for the whole. `onBytes` gets each flushed count.
   */
  pour(sink: Writable, start: number, end: number, onBytes?: (count: number) => void): Promise<number>;
}

export function openArchive(index: ArchiveIndex, blobs: BlobStore, orgId: string): Archive {
  function source(start: number, end: number): ChunkSource {
    if (!isFolderStore(blobs)) return createRemoteSource(index, blobs, orgId, start, end);
    return createLocalSource(index, createSliceReader(blobs, orgId), start, end);
  }
  return {
    size: index.archiveSize,
    etag: index.etag,
    stream: (start, end) => streamChunks(source(start, end)),
    pour: (sink, start, end, onBytes) => pourChunks(source(start, end), sink, onBytes),
  };
}

/** Fresh buffers, since a stream cannot know when its reader is done with one; one chunk is read ahead. */
function streamChunks(source: ChunkSource): Readable {
  const fetch = () => {
    const chunk = source.next(Buffer.allocUnsafeSlow(CHUNK_CAPACITY));
    chunk.catch(() => {});
    return chunk;
  };
  let ahead: Promise<Buffer | undefined> | undefined;
  return new Readable({
    highWaterMark: CHUNK_CAPACITY,
    read() {
      const current = ahead ?? fetch();
      ahead = fetch();
      current.then(
        (chunk) => this.push(chunk ?? null),
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      source.close().then(
        () => done(error),
        (closing: Error) => done(error ?? closing),
      );
    },
  });
}
