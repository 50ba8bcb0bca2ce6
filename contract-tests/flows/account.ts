import { continuity } from './run.ts';
import type { Server } from './server.ts';

export interface Account {
  orgId: string;
  userId: string;
  email: string;
  role: string;
  apiKey: string;
}

/** `org create --json` beside the running server. */
export async function createOrganisation(server: Pick<Server, 'env'>, id: string): Promise<Account> {
  const { code, out, err } = await continuity(
    ['org', 'create', '--id', id, '--name', 'A Company', '--owner-email', `owner@${id}.example`, '--json'],
    server.env,
  );
  if (code !== 0) throw new Error(`org create: ${err}`);
  return JSON.parse(out) as Account;
}

/** `user create --json` beside the running server. */
export async function createUser(server: Pick<Server, 'env'>, org: string, role: string): Promise<Account> {
  const email = `${role}@${org}.example`;
  const { code, out, err } = await continuity(
    ['user', 'create', '--org', org, '--email', email, '--role', role, '--json'],
    server.env,
  );
  if (code !== 0) throw new Error(`user create: ${err}`);
  return JSON.parse(out) as Account;
}
