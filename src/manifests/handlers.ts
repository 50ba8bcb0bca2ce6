import { operations } from '../../generated/operations.ts';
import { requirePaid } from '../http/authenticate.ts';
import type { Handler } from '../http/handler.ts';
import { presentVersion } from '../versions/present.ts';
import { publishManifest } from './actions.ts';
import { receive } from './receive.ts';

export const createManifest: Handler<'createManifest'> = async ({ db, deps, principal, koa }, reply) => {
  requirePaid(principal);
  const { manifests, config } = deps;
  const publish = { parse: manifests.parse, use: publishManifest.bind(undefined, db, deps, principal) };
  const { version, created } = await receive(manifests, koa.req, operations.createManifest.maxBody, publish);
  const body = presentVersion(version);
  const Location = `${config.publicUrl}/api/products/${version.product_id}/versions/${version.id}`;
  return created ? reply(201, { headers: { Location }, body }) : reply(200, { body });
};
