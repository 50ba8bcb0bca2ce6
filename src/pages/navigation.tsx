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

const MAIN: readonly Entry[] = [
  { path: '/dashboard', label: 'Overview' },
  { path: '/dashboard/applications', label: 'Applications' },
  { path: '/dashboard/integrations', label: 'Integrations', roles: ['owner', 'admin'] },
  { path: '/dashboard/users', label: 'Users', roles: ['owner'] },
];

const isSettings = (path: string): boolean => SETTINGS.some((entry) => entry.path === path);

interface HeaderParts {
  readonly user: Viewer;
  readonly csrf: string;
  readonly current: string;
}

/** The bar on top of a signed-in user's pages. */
export function Header({ user, csrf, current }: HeaderParts) {
  const entries = MAIN.filter(({ roles }) => roles?.includes(user.role) ?? true);
  const [first] = SETTINGS;
  return (
    <header class="bar">
      <div>
        <p class="brand">Continuity</p>
        <nav aria-label="Main">
          <ul>
            {entries.map((entry) => (
              <Link {...entry} current={entry.path === current ? 'page' : undefined} />
            ))}
            {first && <Link path={first.path} label="Settings" current={isSettings(current) ? 'true' : undefined} />}
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

/** The second row of links, on the pages of the settings. */
export function SettingsTabs({ current }: { readonly current: string }) {
  if (!isSettings(current)) return null;
  return (
    <nav class="tabs" aria-label="Settings">
      <ul>
        {SETTINGS.map((entry) => (
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
