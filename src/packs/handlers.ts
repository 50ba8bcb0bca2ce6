import { operations } from '../../generated/operations.ts';
import { fail } from '../errors/fail.ts';
import { requirePaid } from '../http/authenticate.ts';
import type { Handler } from '../http/handler.ts';
import { useRaw } from '../http/raw_body.ts';
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
  return reply(200, { body: { sha256, size: await useRaw(koa.req, store) } });
};

function requireOwn({ organisationId }: Principal, vendorId: string): void {
  if (vendorId !== organisationId) throw fail('not_found', { field: 'vendorId' });
}
