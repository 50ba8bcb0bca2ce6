import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Encoding } from './encoding.ts';

/** One thing to serve, in every coding. */
export interface Representation {
  /** Asked for at most once each; then kept. */
  bytes(encoding: Encoding): Promise<Buffer>;
  /** Of the bytes as they are sent: each coding has its own (RFC 9110 §8.8.3). */
  etag(encoding: Encoding): Promise<string>;
}

const SUFFIX: Record<Encoding, string> = { br: '.br', gzip: '.gz', identity: '' };

/** A file of the build, which lies there compressed as well. */
export function builtFile(path: URL): Representation {
  return representation((encoding) => readFile(new URL(`${path.href}${SUFFIX[encoding]}`)));
}

/** A file of the build that is not whole before the server runs. Each coding is made when somebody first takes it. */
export function completedFile(path: URL, complete: (text: string) => string): Representation {
  const plain = remembered('identity', async () => Buffer.from(complete(await readFile(path, 'utf8'))));
  return representation(async (encoding) => {
    if (encoding === 'identity') return plain();
    if (encoding === 'gzip') return promisify(gzip)(await plain());
    return promisify(brotliCompress)(await plain(), { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } });
  });
}

function representation(make: (encoding: Encoding) => Promise<Buffer>): Representation {
  const kept = new Map<Encoding, () => Promise<Buffer>>();
  const tags = new Map<Encoding, string>();
  const bytes = (encoding: Encoding) => {
    const known = kept.get(encoding) ?? remembered(encoding, make);
    kept.set(encoding, known);
    return known();
  };
  return {
    bytes,
    async etag(encoding) {
      const known =
        tags.get(encoding) ??
        `"${createHash('sha256')
          .update(await bytes(encoding))
          .digest('hex')}"`;
      tags.set(encoding, known);
      return known;
    },
  };
}

/** Made once; again only where it failed. */
function remembered(encoding: Encoding, make: (encoding: Encoding) => Promise<Buffer>): () => Promise<Buffer> {
  let made: Promise<Buffer> | undefined;
  return () => {
    made ??= make(encoding).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
