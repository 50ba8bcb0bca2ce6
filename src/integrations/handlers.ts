import type { components } from '../../generated/types.ts';
import { requirePaid } from '../http/authenticate.ts';
import type { Handler, Req } from '../http/handler.ts';
import { type Vendor, VENDORS } from '../webhooks/vendors.ts';
import { removeSecrets, requireVendor, setSecret } from './actions.ts';
import { presentIntegration } from './present.ts';
import { listSecretRows } from './queries.ts';

type Own = Pick<Req<'listIntegrations'>, 'db' | 'deps' | 'principal'>;

async function integrationOf(
  { db, deps, principal }: Own,
  vendor: Vendor,
  secret?: string,
): Promise<components['schemas']['Integration']> {
  const where = { publicUrl: deps.config.publicUrl, organisationId: principal.organisationId };
  return presentIntegration(vendor, await listSecretRows(db, principal.organisationId), where, secret);
}

export const listIntegrations: Handler<'listIntegrations'> = async ({ db, deps, principal }, reply) => {
  const rows = await listSecretRows(db, principal.organisationId);
  const where = { publicUrl: deps.config.publicUrl, organisationId: principal.organisationId };
  return reply(200, { body: VENDORS.map((vendor) => presentIntegration(vendor, rows, where)) });
};

export const updateIntegration: Handler<'updateIntegration'> = async (req, reply) => {
  const { db, deps, principal, path, body } = req;
  requirePaid(principal);
  const vendor = requireVendor(path.vendor);
  const drawn = await setSecret(db, deps, principal, vendor, body?.secret);
  return reply(200, { body: await integrationOf(req, vendor, drawn) });
};

export const deleteIntegration: Handler<'deleteIntegration'> = async (req, reply) => {
  const vendor = requireVendor(req.path.vendor);
  await removeSecrets(req.db, req.deps, req.principal, vendor);
  return reply(200, { body: await integrationOf(req, vendor) });
};

export const deleteIntegrationSecret: Handler<'deleteIntegrationSecret'> = async (req, reply) => {
  const vendor = requireVendor(req.path.vendor);
  await removeSecrets(req.db, req.deps, req.principal, vendor, req.path.secretId);
  return reply(200, { body: await integrationOf(req, vendor) });
};
