import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { createMailedLink } from '../mailed_links/actions.ts';
import { mailedLinkUrl } from '../mailed_links/rules.ts';
import { normaliseEmail } from './email.ts';
import { findForSignIn } from './password_queries.ts';

export interface PasswordLink {
  readonly email: string;
  readonly url: string;
}

/**
 * A link to choose a password, as the mail of a password reset has it, for whoever runs the server to hand over: servers
 * need no mail to let people in. It works once, for an hour. Fails with `not_found` for an unknown address.
 */
export function createPasswordLink(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids' | 'clock' | 'config'>,
  email: string,
): Promise<PasswordLink> {
  return inTransaction(db, async (tx) => {
    const user = await findForSignIn(tx, normaliseEmail(email));
    if (!user) throw fail('not_found', { field: 'email' });
    const { id: userId, organisation_id: organisationId } = user;
    const wanted = { kind: 'password_reset', organisationId, email: user.email, userId } as const;
    const { token } = await createMailedLink(tx, deps, wanted);
    const data = { reset_user_id: userId };
    await recordEvent(tx, { id: deps.ids.next(), organisationId, type: 'password_reset.created', userId: null, data });
    return { email: user.email, url: mailedLinkUrl(deps.config, 'password_reset', token) };
  });
}
