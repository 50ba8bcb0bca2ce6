import type { Manifest, ManifestFile } from '../manifests/manifest.ts';

/** Files with the same bytes from the same slices, read as one. */
export interface Content {
  /** Index of the first of `files`. */
  file: number;
  files: number[];
  size: number;
}

/**
 * In the order of their first slice (pack, then offset): packs are then read from front to back, each slice once.
 * Equal hashes made of other slices are contents of their own: those slices must hold what they promise as well.
 */
export function distinctContents(manifest: Manifest): Content[] {
  const known = new Map<string, Content>();
  for (const [i, file] of manifest.files.entries()) {
    const key = `${file.sha256} ${slicesKey(file)}`;
    const content = known.get(key);
    if (content) content.files.push(i);
    else known.set(key, { file: i, files: [i], size: file.size });
  }
  const first = ({ file }: Content) => manifest.files[file]?.segments[0];
  return [...known.values()].sort((a, b) => {
    const [left, right] = [first(a), first(b)];
    return (left?.pack ?? -1) - (right?.pack ?? -1) || (left?.offset ?? 0) - (right?.offset ?? 0);
  });
}

function slicesKey({ segments }: ManifestFile): string {
  return segments.map(({ pack, offset, length }) => `${pack}+${offset}+${length}`).join();
}
