import type { Hot, Statement } from '../db/hot.ts';
import { hashSecret } from '../users/principal.ts';

/** A program that builds for one organisation. */
export interface Runner {
  readonly runnerId: string;
  readonly organisationId: string;
  readonly suspended: boolean;
}

const FIND_RUNNER: Statement = {
  name: 'find_runner',
  text: `select r.id as "runnerId", r.organisation_id as "organisationId", o.suspended_at is not null as suspended
  from runners r join organisations o on o.id = r.organisation_id
  where r.token_hash = $1 and r.revoked_at is null`,
};

/** The runner behind a token, which is the credential: its hash is what scopes the look-up. */
export async function findRunner(hot: Hot, token: string): Promise<Runner | undefined> {
  const [row] = await hot.query<Runner>(FIND_RUNNER, [hashSecret(token)]);
  return row;
}
