import { createHash, webcrypto } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Manifest } from '../manifests/manifest.ts';
import type { Content } from './contents.ts';
import type { VerifyFailure } from './verify.ts';

/** From here on a trip to the thread pool costs less than hashing, which then runs beside reading and the CRC-32. */
const HASHED_APART = 128 * 1024;

interface Hashed {
  content: Content;
  /** Hex. */
  sha256: string | Promise<string>;
}

/** Takes the contents' bytes one after the other as one stream, and cuts it by their sizes. */
export function createFileChecker(manifest: Manifest, contents: Content[], maxFailures: number) {
  const crcs = new Uint32Array(manifest.files.length);
  const failures: VerifyFailure[] = [];
  let unsettled: Hashed[] = [];
  let next = 0;
  let left = 0;
  let hash = createHash('sha256');
  let crc = 0;

  function finishContent(content: Content, sha256: Hashed['sha256']): void {
    for (const file of content.files) crcs[file] = crc;
    unsettled.push({ content, sha256 });
    next++;
    begin();
  }

  /** Compares what was taken so far; `failures` is complete up to there once it resolves. */
  async function settle(): Promise<void> {
    const settling = unsettled;
    unsettled = [];
    for (const { content, sha256 } of settling) {
      const good = (typeof sha256 === 'string' ? sha256 : await sha256) === manifest.files[content.file]?.sha256;
      for (const file of good ? [] : content.files) {
        const path = manifest.files[file]?.path ?? '';
        if (failures.length < maxFailures) failures.push({ path, code: 'hash_mismatch' });
      }
    }
  }

  function begin(): void {
    hash = createHash('sha256');
    crc = 0;
    left = contents[next]?.size ?? 0;
  }

  /** Contents of 0 bytes get no bytes that would finish them. */
  function finishEmpty(): void {
    for (let content = contents[next]; content?.size === 0; content = contents[next])
      finishContent(content, hash.digest('hex'));
  }

  function update(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      finishEmpty();
      const content = contents[next];
      if (!content) throw new RangeError('more bytes than contents');
      const part = bytes.subarray(at, at + left);
      const apart = part.length === content.size && part.length >= HASHED_APART ? hashApart(part) : undefined;
      if (!apart) hash.update(part);
      crc = crc32(part, crc);
      left -= part.length;
      at += part.length;
      if (left === 0) finishContent(content, apart ?? hash.digest('hex'));
    }
  }

  /** The CRC-32 of each file of the manifest, once every byte went through update. */
  function finish(): Uint32Array {
    if (next < contents.length) throw new RangeError('fewer bytes than contents');
    return crcs;
  }

  begin();
  return { update, settle, finish, finishEmpty, failures };
}

async function hashApart(bytes: Buffer): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
}
