import { randomBytes } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import type { Role } from '../http/operation.ts';
import { hashSecret } from '../users/principal.ts';
import { endInvitationOf, endLinksOf, insertMailedLink, lockMailedLink, markUsed } from './queries.ts';
import { expiryOf, type MailedLink, type MailedLinkKind, usable } from './rules.ts';

export interface LinkWanted {
  readonly kind: MailedLinkKind;
  readonly organisationId: string;
  /** The mailbox that it goes to, normalised. */
  readonly email: string;
  readonly role?: Role;
  readonly userId?: string;
  readonly createdBy?: string;
}

/**
 * A new link; its token is known only here and in the mail. It ends the user's earlier ones of the kind, or the
 * organisation's earlier invitation of the address; several organisations may invite one, and the first that is accepted
 * wins. Fails with `already_exists` when the address is invited twice at once.
 */
export async function createMailedLink(
  tx: Transaction<DB>,
  { ids, clock }: Pick<Deps, 'ids' | 'clock'>,
  { kind, organisationId, email, role, userId, createdBy }: LinkWanted,
): Promise<{ id: string; token: string }> {
  const at = clock();
  const token = randomBytes(32).toString('base64url');
  if (kind === 'invitation') await endInvitationOf(tx, organisationId, email, at);
  if (userId !== undefined) await endLinksOf(tx, kind, userId, at);
  const link = {
    kind,
    organisationId,
    email,
    role: role ?? null,
    userId: userId ?? null,
    createdBy: createdBy ?? null,
  };
  const id = ids.next();
  const stored = { ...link, id, tokenHash: hashSecret(token), at, expiresAt: expiryOf(kind, at) };
  if (!(await insertMailedLink(tx, stored))) throw fail('already_exists', { field: 'email' });
  return { id, token };
}

/** Uses the link up; of several at once exactly one gets it. Fails with `not_found`, `used_up` or `expired`. */
export async function takeMailedLink(
  tx: Transaction<DB>,
  { clock }: Pick<Deps, 'clock'>,
  kind: MailedLinkKind,
  token: string,
): Promise<MailedLink> {
  const at = clock();
  const link = usable(await lockMailedLink(tx, kind, token), at);
  await markUsed(tx, link.organisationId, link.id, at);
  return link;
}
