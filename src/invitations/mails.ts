import { letter } from '../mail/letter.tsx';
import type { Mail } from '../mail/mail.ts';
import type { InvitationRow } from './queries.ts';

const AS: Record<string, string> = { owner: 'an owner', admin: 'an admin', member: 'a member' };

/** Tells who invites into what; the link is in it and nowhere else. */
export function invitationMail(invitation: InvitationRow, link: string): Mail {
  const { email, organisation_name: organisation, role, inviter_email: inviter } = invitation;
  return letter(email, `Join ${organisation} on Continuity`, [
    `${inviter ?? organisation} invites you to join ${organisation} on Continuity as ${AS[role ?? ''] ?? 'a user'}.`,
    'Follow the link to choose a password. It works once, for seven days:',
    { link, label: 'Join' },
    'If you did not expect this, do nothing: no account is made.',
  ]);
}
