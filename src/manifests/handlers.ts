import { operations } from '../../generated/operations.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import { type FieldErrors, fail, failFields } from '../errors/fail.ts';
import { requirePaid } from '../http/authenticate.ts';
import type { Handler } from '../http/handler.ts';
import { readRaw } from '../http/raw_body.ts';
import { presentVersion } from '../versions/present.ts';
import { publishManifest } from './actions.ts';
import { ManifestPoolBusy } from './pool.ts';

export const createManifest: Handler<'createManifest'> = async ({ db, deps, principal, koa }, reply) => {
  requirePaid(principal);
  const bytes = await readRaw(koa.req, operations.createManifest.maxBody);
  const parsed = await deps.manifests.parse(bytes).catch((cause: unknown) => {
    throw cause instanceof ManifestPoolBusy ? fail('unavailable', { cause }) : cause;
  });
  if (!parsed.ok) throw failFields(parsed.errors as Record<string, ErrorCode[]> satisfies FieldErrors);
  const { version, created } = await publishManifest(db, deps, principal, parsed);
  const body = presentVersion(version);
  const Location = `${deps.config.publicUrl}/api/products/${version.product_id}/versions/${version.id}`;
  return created ? reply(201, { headers: { Location }, body }) : reply(200, { body });
};
