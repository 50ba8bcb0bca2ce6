import { requirePaid } from '../http/authenticate.ts';
import type { Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { normaliseEmail } from '../users/email.ts';
import { requireMail, retry } from './actions.ts';
import { presentMail } from './present.ts';
import { listMailRows } from './queries.ts';

export const listMails: Handler<'listMails'> = async ({ db, deps, principal, query, koa }, reply) => {
  const { status, recipient } = query;
  const filter = { status, recipient: recipient === undefined ? undefined : normaliseEmail(recipient) };
  const page = pageOf(query);
  const found = await listMailRows(db, principal.organisationId, filter, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: rows.map(presentMail) });
};

export const getMail: Handler<'getMail'> = async ({ db, principal, path }, reply) =>
  reply(200, { body: presentMail(await requireMail(db, principal.organisationId, path.mailId)) });

export const retryMail: Handler<'retryMail'> = async ({ db, deps, principal, path }, reply) => {
  requirePaid(principal);
  return reply(200, { body: presentMail(await retry(db, deps, principal, path.mailId)) });
};
