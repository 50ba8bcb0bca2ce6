import { apiKey } from './api_key.tsx';
import { applications } from './applications.tsx';
import { authorizations } from './authorizations.tsx';
import { builds } from './builds.tsx';
import { collaborations } from './collaborations.tsx';
import { consent } from './consent.tsx';
import { home } from './home.tsx';
import { integrations } from './integrations.tsx';
import { invitations } from './invitations.tsx';
import { mails } from './mails.tsx';
import type { PageRoute } from './page.ts';
import { password } from './password.tsx';
import { passwordReset } from './password_reset.tsx';
import { profile } from './profile.tsx';
import { projects } from './projects.tsx';
import { runners } from './runners.tsx';
import { sessions } from './sessions.tsx';
import { signIn } from './sign_in.tsx';
import { unsubscribing } from '../releases/page.tsx';
import { users } from './users.tsx';
import { webhooks } from './webhooks.tsx';

/** Every page, one list for each section. */
export const routes: readonly PageRoute[] = [
  ...signIn,
  ...home,
  ...passwordReset,
  ...profile,
  ...password,
  ...sessions,
  ...apiKey,
  ...applications,
  ...authorizations,
  ...users,
  ...integrations,
  ...webhooks,
  ...mails,
  ...invitations,
  ...projects,
  ...builds,
  ...runners,
  ...collaborations,
  ...consent,
  ...unsubscribing,
];
