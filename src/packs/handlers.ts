import type { IncomingMessage } from 'node:http';
import { operations } from '../../generated/operations.ts';
import { fail } from '../errors/fail.ts';
import { requirePaid } from '../http/authenticate.ts';
import type { Handler } from '../http/handler.ts';
import type { Principal } from '../users/principal.ts';
import { storePack } from './actions.ts';
import { findPacks } from './queries.ts';

export const checkPacks: Handler<'checkPacks'> = async ({ db, principal, body }, reply) => {
  requirePaid(principal);
  requireOwn(principal, body.vendorId);
  const hashes = body.packHashes.map((hash) => Buffer.from(hash, 'hex'));
  const existing = await findPacks(db, principal.organisationId, hashes);
  return reply(200, { body: { existing: existing.map((hash) => hash.toString('hex')) } });
};

export const uploadPack: Handler<'uploadPack'> = async ({ db, deps, principal, path, koa }, reply) => {
  requirePaid(principal);
  requireOwn(principal, path.vendorId);
  const { sha256 } = path;
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw fail('not_found', { field: 'sha256' });
  const { maxBody } = operations.uploadPack;
  const store = (bytes: AsyncIterable<Uint8Array>) =>
    storePack(db, deps, principal.organisationId, sha256, bytes, maxBody);
  return reply(200, { body: { sha256, size: await readBody(koa.req, store) } });
};

/** Hands the body's bytes to `use`. Where that ends early, the rest is read and dropped, so that the answer arrives. */
async function readBody<T>(
  request: IncomingMessage,
  use: (bytes: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const { headers } = request;
  const length = headers['content-length'];
  if (length === '0' || (length === undefined && headers['transfer-encoding'] === undefined)) throw fail('is_blank');
  try {
    return await use(request.iterator({ destroyOnReturn: false }));
  } catch (error) {
    request.resume();
    throw error;
  }
}

function requireOwn({ organisationId }: Principal, vendorId: string): void {
  if (vendorId !== organisationId) throw fail('not_found', { field: 'vendorId' });
}
