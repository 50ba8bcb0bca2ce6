import { createHash } from 'node:crypto';

/**
 * SHA-256 (hex) of the RFC 8785 JSON of `[{path,size,sha256}]`. The files must come sorted by the bytes of path.
 * JSON.stringify escapes strings and writes safe integers as RFC 8785 asks; the keys stand in its order.
 */
export function productHash(files: Iterable<{ path: string; size: number; sha256: string }>): string {
  const hash = createHash('sha256');
  let chunk = '[';
  let first = true;
  for (const file of files) {
    chunk += `${first ? '' : ','}{"path":${JSON.stringify(file.path)},"sha256":"${file.sha256}","size":${file.size}}`;
    first = false;
    if (chunk.length > 65_536) {
      hash.update(chunk);
      chunk = '';
    }
  }
  return hash.update(`${chunk}]`).digest('hex');
}
