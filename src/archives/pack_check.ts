import { packKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import type { Manifest } from '../manifests/manifest.ts';
import type { VerifyFailure } from './verify.ts';

const PARALLEL = 16;

/** What can be said without reading content, in the order of the manifest. At most `max` failures. */
export async function checkPacks(
  manifest: Manifest,
  orgId: string,
  blobs: BlobStore,
  max: number,
): Promise<VerifyFailure[]> {
  const failures = checkSegments(manifest, max);
  for (let at = 0; at < manifest.packs.length && failures.length < max; at += PARALLEL) {
    const some = manifest.packs.slice(at, at + PARALLEL);
    const sizes = await Promise.all(some.map(({ sha256 }) => blobs.size(packKey(orgId, sha256))));
    for (const [i, { sha256, size }] of some.entries()) {
      if (sizes[i] === undefined) failures.push({ pack: sha256, code: 'pack_missing' });
      else if (sizes[i] !== size) failures.push({ pack: sha256, code: 'pack_size_mismatch' });
    }
  }
  return failures.slice(0, max);
}

function checkSegments(manifest: Manifest, max: number): VerifyFailure[] {
  const failures: VerifyFailure[] = [];
  for (const { path, size, segments } of manifest.files) {
    if (failures.length >= max) break;
    const inside = segments.every(
      ({ pack, offset, length }) => offset >= 0 && length >= 0 && offset + length <= (manifest.packs[pack]?.size ?? -1),
    );
    const sum = segments.reduce((bytes, { length }) => bytes + length, 0);
    if (!inside) failures.push({ path, code: 'segment_out_of_range' });
    else if (sum !== size) failures.push({ path, code: 'size_mismatch' });
  }
  return failures;
}
