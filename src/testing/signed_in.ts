import type { Deps } from '../deps.ts';
import { createSession } from '../sessions/actions.ts';
import { createPageClient, type PageClient } from './pages.ts';

type Server = Readonly<{ url: string; deps: Deps }>;
type Account = Readonly<{ userId: string }>;

/** Name of the cookie, since tests speak plain HTTP. */
export const SESSION_COOKIE = 'continuity_session';

/** A browser in which the account is signed in, without its password. */
export async function signedIn(server: Server, { userId }: Account, userAgent = 'test'): Promise<PageClient> {
  const { deps } = server;
  const { token } = await createSession(deps.db, deps, { userId, address: '127.0.0.1', userAgent });
  const client = createPageClient(server);
  client.cookies.set(SESSION_COOKIE, token);
  return client;
}
