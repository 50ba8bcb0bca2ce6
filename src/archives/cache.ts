import { archiveKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import { type ArchiveIndex, openIndex } from './layout.ts';

export interface ArchiveCache {
  /** Rejects with BlobMissing where the version has no index, and where it is damaged. */
  get(versionId: string): Promise<ArchiveIndex>;
}

/** Opened indexes, least recently used first to go, at most maxBytes of them; loaded once however many ask. */
export function createArchiveCache(blobs: BlobStore, maxBytes = 64 * 1024 * 1024): ArchiveCache {
  const ready = new Map<string, ArchiveIndex>();
  const loading = new Map<string, Promise<ArchiveIndex>>();
  let bytes = 0;

  function keep(versionId: string, index: ArchiveIndex): void {
    if (index.indexBytes > maxBytes) return;
    ready.set(versionId, index);
    bytes += index.indexBytes;
    for (const [oldest, { indexBytes }] of ready) {
      if (bytes <= maxBytes) return;
      ready.delete(oldest);
      bytes -= indexBytes;
    }
  }

  function load(versionId: string): Promise<ArchiveIndex> {
    const pending: Promise<ArchiveIndex> = blobs
      .readBuffer(archiveKey(versionId))
      .then(openIndex)
      .then((index) => {
        keep(versionId, index);
        return index;
      })
      .finally(() => loading.delete(versionId));
    loading.set(versionId, pending);
    return pending;
  }

  async function get(versionId: string): Promise<ArchiveIndex> {
    const known = ready.get(versionId);
    if (!known) return loading.get(versionId) ?? load(versionId);
    ready.delete(versionId);
    ready.set(versionId, known);
    return known;
  }

  return { get };
}
