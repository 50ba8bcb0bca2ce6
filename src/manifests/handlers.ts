import type { IncomingMessage } from 'node:http';
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
  const publish = async () => {
    const parsed = await deps.manifests.parse(await readRaw(koa.req, operations.createManifest.maxBody));
    if (!parsed.ok) throw failFields(parsed.errors as Record<string, ErrorCode[]> satisfies FieldErrors);
    return publishManifest(db, deps, principal, parsed);
  };
  const { version, created } = await deps.manifests.hold(announced(koa.req), publish).catch(busy(koa.req));
  const body = presentVersion(version);
  const Location = `${deps.config.publicUrl}/api/products/${version.product_id}/versions/${version.id}`;
  return created ? reply(201, { headers: { Location }, body }) : reply(200, { body });
};

function announced({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/** The body that was not wanted is read and dropped, so that the answer arrives. */
function busy(request: IncomingMessage): (cause: unknown) => never {
  return (cause) => {
    if (!(cause instanceof ManifestPoolBusy)) throw cause;
    request.resume();
    throw fail('unavailable', { cause, headers: { 'Retry-After': '5' } });
  };
}
