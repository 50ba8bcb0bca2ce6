import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Manifest } from '../manifests/manifest.ts';
import type { Content } from './contents.ts';
import type { VerifyFailure } from './verify.ts';

/** Takes the contents' bytes one after the other as one stream, and cuts it by their sizes. */
export function createFileChecker(manifest: Manifest, contents: Content[], maxFailures: number) {
  const crcs = new Uint32Array(manifest.files.length);
  const failures: VerifyFailure[] = [];
  let next = 0;
  let left = 0;
  let hash = createHash('sha256');
  let crc = 0;

  function finishContent(content: Content): void {
    const good = hash.digest('hex') === manifest.files[content.file]?.sha256;
    for (const file of content.files) {
      crcs[file] = crc;
      const path = manifest.files[file]?.path ?? '';
      if (!good && failures.length < maxFailures) failures.push({ path, code: 'hash_mismatch' });
    }
    next++;
    begin();
  }

  function begin(): void {
    hash = createHash('sha256');
    crc = 0;
    left = contents[next]?.size ?? 0;
  }

  /** Contents of 0 bytes get no bytes that would finish them. */
  function finishEmpty(): void {
    for (let content = contents[next]; content?.size === 0; content = contents[next]) finishContent(content);
  }

  function update(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      finishEmpty();
      const content = contents[next];
      if (!content) throw new RangeError('more bytes than contents');
      const part = bytes.subarray(at, at + left);
      hash.update(part);
      crc = crc32(part, crc);
      left -= part.length;
      at += part.length;
      if (left === 0) finishContent(content);
    }
  }

  /** The CRC-32 of each file of the manifest, once every byte went through update. */
  function finish(): Uint32Array {
    finishEmpty();
    if (next < contents.length) throw new RangeError('fewer bytes than contents');
    return crcs;
  }

  begin();
  return { update, finish, finishEmpty, failures };
}
