import { fail } from '../errors/fail.ts';
import { requirePaid } from '../http/authenticate.ts';
import type { FusedHandler, Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { parseId } from '../ids/parse.ts';
import { presentPrincipal } from '../users/principal.ts';
import { mintForCustomer, mintWith, requireMinted, revoke } from './actions.ts';
import { minterOf } from './minter.ts';
import { presentToken, presentUrl } from './present.ts';
import { findToken, listTokenRows } from './queries.ts';

/** The plain case, one round trip: no customer to record and no Idempotency-Key. */
export const generateDownloadUrlFused: FusedHandler<'generateDownloadUrl'> = {
  accepts: ({ body }) => body.customerEmail === undefined && body.purchaseId === undefined,
  async run({ body, deps }, credential) {
    const minted = await mintWith(minterOf(deps.hot), deps, body, { ...credential, userId: null });
    return {
      principal: minted.row && presentPrincipal(minted.row),
      send: (reply) => reply(200, { body: presentUrl(requireMinted(minted), deps.config.publicUrl) }),
    };
  },
};

export const generateDownloadUrl: Handler<'generateDownloadUrl'> = async ({ db, deps, principal, body }, reply) => {
  requirePaid(principal);
  const minted = await mintForCustomer(db, deps, principal, body);
  return reply(200, { body: presentUrl(minted, deps.config.publicUrl) });
};

export const listDownloadTokens: Handler<'listDownloadTokens'> = async ({ db, deps, principal, query, koa }, reply) => {
  const page = pageOf(query);
  const now = deps.clock();
  const found = await listTokenRows(db, principal.organisationId, query, page, now);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: rows.map((row) => presentToken(row, now)) });
};

export const getDownloadToken: Handler<'getDownloadToken'> = async ({ db, deps, principal, path }, reply) => {
  const id = parseId(path.tokenId);
  const token = id && (await findToken(db, principal.organisationId, id));
  if (!token) throw fail('not_found', { field: 'tokenId' });
  return reply(200, { body: presentToken(token, deps.clock()) });
};

export const revokeDownloadToken: Handler<'revokeDownloadToken'> = async ({ db, deps, principal, path }, reply) => {
  requirePaid(principal);
  return reply(200, { body: presentToken(await revoke(db, deps, principal, path.tokenId), deps.clock()) });
};
