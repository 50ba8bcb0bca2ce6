import { packKey } from '../blobs/keys.ts';
import { BlobMismatch, BlobMissing, type BlobStore } from '../blobs/store.ts';
import type { Manifest } from '../manifests/manifest.ts';
import { distinctContents } from './contents.ts';
import { encodeIndex } from './encode.ts';
import { createFileChecker } from './file_checker.ts';
import { openIndex, type Piece } from './layout.ts';
import { checkPacks } from './pack_check.ts';
import { readRuns } from './run_reader.ts';
import { groupRuns } from './runs.ts';

export interface VerifyFailure {
  path?: string;
  /** SHA-256, hex. */
  pack?: string;
  code: 'pack_missing' | 'pack_size_mismatch' | 'segment_out_of_range' | 'size_mismatch' | 'hash_mismatch';
}

export type VerifyResult =
  { ok: true; index: Buffer; archiveSize: number; etag: string } | { ok: false; failures: VerifyFailure[] };

export const MAX_FAILURES = 20;
const LIMITS = { maxSpan: 8 * 1024 * 1024, maxMadeBytes: 0, maxGap: 256 * 1024 };

/**
 * Reads what the manifest refers to and checks it: packs there and of their size, segments inside of them, size and
 * SHA-256 of every file. Equal contents are read once; time is bounded by the sum of sizes, memory by some 100 MiB
 * beside the manifest. Collects at most MAX_FAILURES; rejects only where the storage itself fails.
 */
export async function verifyManifest(options: {
  manifest: Manifest;
  orgId: string;
  blobs: BlobStore;
  /** Bytes of distinct content, done and in all. */
  onProgress?: (done: number, total: number) => void;
}): Promise<VerifyResult> {
  const { manifest, orgId, blobs, onProgress } = options;
  const structural = await checkPacks(manifest, orgId, blobs, MAX_FAILURES);
  if (structural.length > 0) return { ok: false, failures: structural };

  const contents = distinctContents(manifest);
  const total = contents.reduce((sum, { size }) => sum + size, 0);
  const checker = createFileChecker(manifest, contents, MAX_FAILURES);
  let done = 0;
  let settled = Promise.resolve();
  try {
    for await (const { run, bytes } of readRuns(groupRuns(slicesOf(manifest, contents), LIMITS), orgId, blobs)) {
      for (const part of run.parts) {
        if (part.kind === 'pack') checker.update(bytes.subarray(part.start - run.start, part.end - run.start));
      }
      // Of the run before: this one's is hashed while the next is read.
      await settled;
      settled = checker.settle();
      // Awaited later, perhaps never when reading fails first: that must not count as unhandled.
      settled.catch(() => undefined);
      done += run.usedBytes;
      onProgress?.(done, total);
      if (checker.failures.length >= MAX_FAILURES) break;
    }
  } catch (error) {
    const failure = vanished(error, orgId, manifest);
    if (!failure) throw error;
    return { ok: false, failures: [...checker.failures, failure].slice(0, MAX_FAILURES) };
  }
  checker.finishEmpty();
  await settled;
  await checker.settle();
  if (checker.failures.length > 0) return { ok: false, failures: checker.failures };
  const index = encodeIndex(manifest, checker.finish());
  const { archiveSize, etag } = openIndex(index);
  return { ok: true, index, archiveSize, etag };
}

function* slicesOf(manifest: Manifest, contents: { file: number }[]): Generator<Piece> {
  for (const { file } of contents) {
    for (const { pack, offset, length } of manifest.files[file]?.segments ?? []) {
      if (length === 0) continue;
      yield { kind: 'pack', pack: manifest.packs[pack]?.sha256 ?? '', start: offset, end: offset + length };
    }
  }
}

/** A pack that went away, or was cut, after checkPacks saw it. */
function vanished(error: unknown, orgId: string, manifest: Manifest): VerifyFailure | undefined {
  if (!(error instanceof BlobMissing || error instanceof BlobMismatch)) return undefined;
  const pack = manifest.packs.find(({ sha256 }) => packKey(orgId, sha256) === error.key)?.sha256;
  const code = error instanceof BlobMissing ? 'pack_missing' : 'pack_size_mismatch';
  return { ...(pack !== undefined && { pack }), code };
}
