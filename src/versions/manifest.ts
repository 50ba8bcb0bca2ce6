import type { ServerResponse } from 'node:http';
import { manifestKey } from '../blobs/keys.ts';
import { pourBlob } from '../blobs/pour.ts';
import type { BlobStore } from '../blobs/store.ts';
import type { Pour } from '../http/handler.ts';

interface StoredManifest {
  readonly organisation_id: string;
  readonly manifest_sha256: Buffer;
  /** Bytes. */
  readonly manifest_size: string;
}

/** A version's manifest, byte for byte as it was signed, at the pace of its reader: it may be tens of megabytes. */
export function pourManifest(blobs: BlobStore, res: ServerResponse, version: StoredManifest): Pour {
  const key = manifestKey(version.organisation_id, version.manifest_sha256.toString('hex'));
  res.setHeader('Content-Length', version.manifest_size);
  return async (sink) => pourBlob(await blobs.read(key), sink);
}
