import type { Role } from '../http/operation.ts';
import { Form } from './components.tsx';

/** Who looks at the page. */
export interface Viewer {
  readonly email: string;
  readonly role: Role;
}

interface Entry {
  readonly path: string;
  readonly label: string;
  /** Shown to these only; to everybody where left out. */
  readonly roles?: readonly Role[];
}

const SETTINGS: readonly Entry[] = [
  { path: '/dashboard/settings/profile', label: 'Profile' },
  { path: '/dashboard/settings/password', label: 'Password' },
  { path: '/dashboard/settings/api-key', label: 'API key' },
  { path: '/dashboard/settings/sessions', label: 'Sessions' },
  { path: '/dashboard/authorizations', label: 'Authorizations' },
];

const BUILDING: readonly Entry[] = [
  { path: '/dashboard/projects', label: 'Projects' },
  { path: '/dashboard/runners', label: 'Runners', roles: ['owner', 'admin'] },
  { path: '/dashboard/collaborations', label: 'Collaborations' },
];

const SELLING: readonly Entry[] = [
  { path: '/dashboard/integrations', label: 'Integrations' },
  { path: '/dashboard/webhooks', label: 'Webhooks' },
  { path: '/dashboard/mails', label: 'Mails' },
];

/** Where several pages belong together: the first of them stands for all in the bar. */
const SECTIONS: Readonly<Record<string, readonly Entry[]>> = {
  Building: BUILDING,
  Selling: SELLING,
  Settings: SETTINGS,
};

const MAIN: readonly Entry[] = [
  { path: '/dashboard', label: 'Overview' },
  { path: '/dashboard/projects', label: 'Building' },
  { path: '/dashboard/applications', label: 'Applications' },
  { path: '/dashboard/integrations', label: 'Selling', roles: ['owner', 'admin'] },
  { path: '/dashboard/users', label: 'Users', roles: ['owner'] },
  { path: '/dashboard/settings/profile', label: 'Settings' },
];

const seenBy = (entries: readonly Entry[], { role }: Viewer): readonly Entry[] =>
  entries.filter(({ roles }) => roles?.includes(role) ?? true);

const hasPage = (entries: readonly Entry[] | undefined, path: string): boolean =>
  entries?.some((entry) => entry.path === path) ?? false;

interface HeaderParts {
  readonly user: Viewer;
  readonly csrf: string;
  readonly current: string;
}

/** The bar on top of a signed-in user's pages. */
export function Header({ user, csrf, current }: HeaderParts) {
  const entries = seenBy(MAIN, user);
  return (
    <header class="bar">
      <div>
        <p class="brand">Continuity</p>
        <nav aria-label="Main">
          <ul>
            {entries.map((entry) => (
              <Link {...entry} current={currentIn(entry, current)} />
            ))}
          </ul>
        </nav>
        <div class="account">
          <bdi>{user.email}</bdi>
          <Form action="/dashboard/sign-out" csrf={csrf}>
            <button class="quiet small">Sign out</button>
          </Form>
        </div>
      </div>
    </header>
  );
}

function currentIn({ path, label }: Entry, current: string): LinkParts['current'] {
  if (hasPage(SECTIONS[label], current)) return 'true';
  return path === current ? 'page' : undefined;
}

/** The second row of links, on the pages of a section. */
export function SectionTabs({ user, current }: Pick<HeaderParts, 'user' | 'current'>) {
  const section = Object.entries(SECTIONS).find(([, entries]) => hasPage(entries, current));
  if (!section) return null;
  const [label, entries] = section;
  return (
    <nav class="tabs" aria-label={label}>
      <ul>
        {seenBy(entries, user).map((entry) => (
          <Link {...entry} current={entry.path === current ? 'page' : undefined} />
        ))}
      </ul>
    </nav>
  );
}

interface LinkParts {
  readonly path: string;
  readonly label: string;
  readonly current: 'page' | 'true' | undefined;
}

function Link({ path, label, current }: LinkParts) {
  return (
    <li>
      <a href={path} aria-current={current}>
        {label}
      </a>
    </li>
  );
}
