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
  const { headers } = koa.req;
  if (headers['content-length'] === '0' || (!headers['content-length'] && !headers['transfer-encoding']))
    throw fail('is_blank');
  // Ending the loop early must not destroy the request: on the kept connection the next one would never be answered.
  const bytes = koa.req.iterator({ destroyOnReturn: false });
  const { maxBody } = operations.uploadPack;
  const size = await storePack(db, deps, principal.organisationId, sha256, bytes, maxBody).catch((error: unknown) => {
    koa.req.resume();
    throw error;
  });
  return reply(200, { body: { sha256, size } });
};

function requireOwn({ organisationId }: Principal, vendorId: string): void {
  if (vendorId !== organisationId) throw fail('not_found', { field: 'vendorId' });
}
