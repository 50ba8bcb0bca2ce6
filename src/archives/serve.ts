import type { Writable } from 'node:stream';
import { isFolderStore } from '../blobs/folder.ts';
import type { BlobStore } from '../blobs/store.ts';
import type { ArchiveIndex } from './layout.ts';
import { type ChunkSource, createLocalSource } from './local_chunks.ts';
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
   * Writes bytes [start, end) to `sink` in recycled buffers, the fastest way out; ends neither side. Resolves with the
   * bytes handed to the system (fewer than asked only when `sink` closed first). Rejects on a storage error (BlobMissing,
   * BlobMismatch, I/O) and leaves `sink` as it is: before the first byte another answer may take its place, later the
   * caller must destroy it, so that no reader takes the part for the whole. `onBytes` gets each flushed count.
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
    pour: (sink, start, end, onBytes) => pourChunks(source(start, end), sink, onBytes),
  };
}
