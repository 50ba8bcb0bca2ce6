import type { NewAccount } from '../organisations/actions.ts';
import type { PageClient } from './pages.ts';
import { givePassword } from './passwords.ts';
import { startTestServer, type TestServer } from './server.ts';
import { signedIn } from './signed_in.ts';

/** A server with an owner who is signed in in a browser. */
export async function openAsOwner(): Promise<{ server: TestServer; owner: NewAccount; browser: PageClient }> {
  const server = await startTestServer();
  const owner = await server.createAccount('owner');
  return { server, owner, browser: await signedIn(server, owner) };
}

/** A member who has that password and is signed in in a browser. */
export async function signedInMember(
  server: TestServer,
  password: string,
): Promise<NewAccount & { browser: PageClient }> {
  const member = await server.createAccount('member');
  await givePassword(server.deps, member.userId, password);
  return { ...member, browser: await signedIn(server, member) };
}
