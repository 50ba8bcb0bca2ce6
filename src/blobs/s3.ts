import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { consumeChecked } from './checked.ts';
import { assertKey, isContentAddressed } from './keys.ts';
import { isNotFound, translateS3 } from './s3_errors.ts';
import { BlobMismatch, BlobMissing, type BlobStore, type ByteRange } from './store.ts';

export interface S3Options {
  bucket: string;
  /** Without slashes at its ends; empty for none. */
  prefix: string;
  endpoint?: string;
  region?: string;
  forcePathStyle?: boolean;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

type Sdk = typeof import('@aws-sdk/client-s3');

/** S3-compatible storage. A body is held in memory (at most maxSize bytes) until checked: S3 has no undo. */
export function createS3Store(options: S3Options): BlobStore {
  const { bucket: Bucket, prefix } = options;
  const root = prefix === '' ? '' : `${prefix}/`;
  let connected: Promise<{ sdk: Sdk; client: S3Client }> | undefined;
  const connect = () => {
    connected ??= loadClient(options);
    return connected;
  };
  const at = (key: string) => {
    assertKey(key);
    return { Bucket, Key: root + key };
  };

  async function size(key: string): Promise<number | undefined> {
    const { sdk, client } = await connect();
    try {
      return (await client.send(new sdk.HeadObjectCommand(at(key)))).ContentLength;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      return translateS3(key)(error);
    }
  }

  const put: BlobStore['put'] = async (key, bytes, expect) => {
    const target = at(key);
    const held: Uint8Array[] = [];
    const stored = await consumeChecked(key, bytes, expect, (chunk) => {
      held.push(chunk);
      return undefined;
    });
    if (isContentAddressed(key, stored.sha256) && (await size(key)) === stored.size) return stored;
    const { sdk, client } = await connect();
    const Body = Buffer.concat(held);
    await client
      .send(new sdk.PutObjectCommand({ ...target, Body, ContentLength: stored.size }))
      .catch(translateS3(key));
    return stored;
  };

  async function read(key: string, range?: ByteRange): Promise<Readable> {
    const target = at(key);
    if (range && range.start === range.end) return readNothing(key, range.end);
    if (range && (range.start < 0 || range.end < range.start)) throw new BlobMismatch(key, 'size');
    const { sdk, client } = await connect();
    const Range = range && `bytes=${range.start}-${range.end - 1}`;
    const answer = await client
      .send(new sdk.GetObjectCommand({ ...target, ...(Range && { Range }) }))
      .catch(translateS3(key));
    const body = answer.Body;
    if (!(body instanceof Readable)) throw new Error(`no body for ${key}`);
    // A range beyond the end is cut by S3, not refused.
    if (range && answer.ContentLength !== range.end - range.start) {
      body.on('error', () => {}).destroy();
      throw new BlobMismatch(key, 'size');
    }
    return body;
  }

  async function readNothing(key: string, end: number): Promise<Readable> {
    const whole = await size(key);
    if (whole === undefined) throw new BlobMissing(key);
    if (end > whole) throw new BlobMismatch(key, 'size');
    return Readable.from([]);
  }

  async function readBuffer(key: string, range?: ByteRange): Promise<Buffer> {
    const chunks: Buffer[] = [];
    const body = await read(key, range);
    try {
      for await (const chunk of body) chunks.push(chunk);
    } catch (error) {
      translateS3(key)(error);
    }
    const whole = Buffer.concat(chunks);
    if (range && whole.length !== range.end - range.start) throw new BlobMismatch(key, 'size');
    return whole;
  }

  async function remove(key: string): Promise<void> {
    const { sdk, client } = await connect();
    await client.send(new sdk.DeleteObjectCommand(at(key))).catch((error: unknown) => {
      if (!isNotFound(error)) translateS3(key)(error);
    });
  }

  async function* list(keyPrefix: string) {
    const { sdk, client } = await connect();
    const pages = sdk.paginateListObjectsV2({ client }, { Bucket, Prefix: root + keyPrefix });
    for (;;) {
      const page = await pages.next().catch(translateS3(keyPrefix));
      if (page.done) return;
      for (const { Key, Size } of page.value.Contents ?? []) {
        if (Key !== undefined) yield { key: Key.slice(root.length), size: Size ?? 0 };
      }
    }
  }

  async function check(): Promise<void> {
    const { sdk, client } = await connect();
    const command = new sdk.PutObjectCommand({
      Bucket,
      Key: `${root}readiness`,
      Body: Buffer.alloc(0),
      ContentLength: 0,
    });
    await client.send(command).catch(translateS3('readiness'));
  }

  // An object appears whole or not at all, so a killed process leaves nothing to sweep.
  return { put, read, readBuffer, size, delete: remove, list, sweep: async () => 0, check };
}

/** Loaded on first use: the SDK costs some 90 ms of CPU that a folder store must not pay. */
async function loadClient(options: S3Options): Promise<{ sdk: Sdk; client: S3Client }> {
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client({
    region: options.region ?? 'us-east-1',
    ...(options.endpoint !== undefined && { endpoint: options.endpoint }),
    ...(options.credentials && { credentials: options.credentials }),
    forcePathStyle: options.forcePathStyle ?? options.endpoint !== undefined,
    maxAttempts: 4,
    // The newer default trailers are refused by many S3-compatible servers; SigV4 already covers the body's SHA-256.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // A slow customer holds a connection for as long as the download takes: 50, the default, would starve uploads.
    requestHandler: {
      connectionTimeout: 5_000,
      requestTimeout: 60_000,
      httpAgent: { keepAlive: true, maxSockets: 1_000 },
      httpsAgent: { keepAlive: true, maxSockets: 1_000 },
    },
  });
  return { sdk, client };
}
