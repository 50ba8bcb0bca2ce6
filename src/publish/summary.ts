import { counted } from '../pages/counted.ts';
import type { Published } from './publish.ts';

/** What `continuity publish` did, in lines for people. */
export function summary(done: Published): string[] {
  const { productId, version, files, bytes, packs, packsUploaded, bytesUploaded, active, junk, emptyFolders } = done;
  const size = `${counted(files, 'file')}, ${counted(bytes, 'byte')}`;
  const lines = [
    `${productId} ${version}: ${size}, ${stored(done)}, ${active ? 'active' : 'not active'}.`,
    `Uploaded ${packsUploaded} of ${counted(packs, 'pack')} (${counted(bytesUploaded, 'byte')}).`,
  ];
  if (!active) lines.push('Customers get it once it is active: run the same again with --activate.');
  if (junk + emptyFolders > 0)
    lines.push(
      `Left out: ${counted(junk, 'file')} that systems leave behind, ${counted(emptyFolders, 'folder')} without files.`,
    );
  return lines;
}

/** Only what is active is published: customers do not get the rest. */
function stored({ alreadyPublished, active }: Published): string {
  if (alreadyPublished) return 'stored before';
  return active ? 'published' : 'stored';
}
