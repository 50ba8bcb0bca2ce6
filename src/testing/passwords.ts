import { randomBytes, scryptSync } from 'node:crypto';
import type { Deps } from '../deps.ts';

const COST = { N: 2 ** 4, r: 8, p: 1 };

/** Sets a password that takes no time to check; a sign-in with it stores it at today's cost. */
export async function givePassword({ db }: Pick<Deps, 'db'>, userId: string, password: string): Promise<void> {
  const salt = randomBytes(16);
  const key = scryptSync(password, salt, 32, COST);
  const password_hash = ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join(
    '$',
  );
  await db.updateTable('users').set({ password_hash }).where('id', '=', userId).execute();
}
