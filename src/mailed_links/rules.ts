import type { Config } from '../config.ts';
import { fail } from '../errors/fail.ts';
import type { Role } from '../http/operation.ts';

/** What a mailed link lets the reader of a mailbox do, once. */
export type MailedLinkKind = 'invitation' | 'password_reset' | 'email_change';

export interface MailedLink {
  readonly id: string;
  readonly kind: MailedLinkKind;
  readonly organisationId: string;
  /** The mailbox that it was sent to. */
  readonly email: string;
  /** Of an invitation. */
  readonly role: Role | null;
  /** Whom it is about; null for an invitation. */
  readonly userId: string | null;
  readonly createdBy: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** Used, or ended by a newer one. */
  readonly usedAt: Date | null;
}

const HOUR = 60 * 60 * 1000;
/** Milliseconds. */
const LIFE: Record<MailedLinkKind, number> = {
  invitation: 7 * 24 * HOUR,
  password_reset: HOUR,
  email_change: 24 * HOUR,
};

const PATH: Record<MailedLinkKind, string> = {
  invitation: '/dashboard/invitations/accept',
  password_reset: '/dashboard/password-reset/new',
  email_change: '/dashboard/settings/email',
};

export function expiryOf(kind: MailedLinkKind, at: Date): Date {
  return new Date(at.getTime() + LIFE[kind]);
}

/** The link if it can be used. Fails with `not_found`, `used_up` or `expired`. */
export function usable(link: MailedLink | undefined, at: Date): MailedLink {
  if (!link) throw fail('not_found', { field: 'token' });
  if (link.usedAt) throw fail('used_up', { field: 'token' });
  if (link.expiresAt <= at) throw fail('expired', { field: 'token' });
  return link;
}

/** Where the link leads: a page whose form does it, since mail scanners follow links too. */
export function mailedLinkUrl({ publicUrl }: Pick<Config, 'publicUrl'>, kind: MailedLinkKind, token: string): string {
  return `${publicUrl}${PATH[kind]}?token=${encodeURIComponent(token)}`;
}
