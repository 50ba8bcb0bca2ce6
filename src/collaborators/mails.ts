import { letter } from '../mail/letter.tsx';
import type { Mail } from '../mail/mail.ts';

interface Names {
  readonly project_name: string;
  readonly organisation_name: string;
  readonly inviter_email: string | null;
}

/** Tells who invites to what. The link brings no right: whoever follows it signs in as the user of this address. */
export function collaborationMail(
  to: string,
  { project_name: project, organisation_name: organisation, inviter_email: inviter }: Names,
  link: string,
): Mail {
  return letter(to, `Collaborate on ${project} of ${organisation}`, [
    `${inviter ?? organisation} invites you to collaborate on the project ${project} of ${organisation} on Continuity: to see it and to build it.`,
    'Sign in with this e-mail address to accept or decline:',
    { link },
    'If you have no account with this address, or did not expect this, do nothing: it opens nothing to anybody else.',
  ]);
}
