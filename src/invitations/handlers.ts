import { fail } from '../errors/fail.ts';
import { requirePaid } from '../http/authenticate.ts';
import type { Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { parseId } from '../ids/parse.ts';
import { invite, withdraw } from './actions.ts';
import { presentInvitation } from './present.ts';
import { findInvitation, listInvitationRows } from './queries.ts';

export const listInvitations: Handler<'listInvitations'> = async ({ db, deps, principal, query, koa }, reply) => {
  const page = pageOf(query);
  const now = deps.clock();
  const found = await listInvitationRows(db, principal.organisationId, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: { response: rows.map((row) => presentInvitation(row, now)) } });
};

export const createInvitation: Handler<'createInvitation'> = async ({ db, deps, principal, body }, reply) => {
  requirePaid(principal);
  const invitation = await invite(db, deps, principal, body);
  const Location = `${deps.config.publicUrl}/invitations/${invitation.id}`;
  return reply(201, { headers: { Location }, body: { response: presentInvitation(invitation, deps.clock()) } });
};

export const getInvitation: Handler<'getInvitation'> = async ({ db, deps, principal, path }, reply) => {
  const id = parseId(path.invitation_id);
  const invitation = id && (await findInvitation(db, principal.organisationId, id));
  if (!invitation) throw fail('not_found', { field: 'invitation_id' });
  return reply(200, { body: { response: presentInvitation(invitation, deps.clock()) } });
};

export const deleteInvitation: Handler<'deleteInvitation'> = async ({ db, deps, principal, path }, reply) => {
  const invitation = await withdraw(db, deps, principal, path.invitation_id);
  return reply(200, { body: { response: presentInvitation(invitation, deps.clock()) } });
};
