import { randomBytes } from 'node:crypto';
import type { Deps } from '../deps.ts';
import type { Role } from '../http/operation.ts';
import { createOrganisation, createUser, type NewAccount } from '../organisations/actions.ts';

export interface AccountOptions {
  /** An existing organisation to join; a new one where left out. */
  readonly org?: string;
  /** Of a new organisation (default `active`); `trialing` means: the trial ended yesterday. */
  readonly billing?: 'active' | 'trialing' | 'overdue';
  readonly suspended?: boolean;
}

const DAY = 24 * 60 * 60 * 1000;

/** A user with the role, and with it an organisation of its own unless `org` names one. */
export async function createAccount(deps: Deps, role: Role, options: AccountOptions = {}): Promise<NewAccount> {
  const name = `t${randomBytes(6).toString('hex')}`;
  const email = `${role}@${name}.example`;
  if (options.org !== undefined) return createUser(deps.db, deps, options.org, { email, role });
  const owner = await createOrganisation(deps.db, deps, name, name, { email: `founder@${name}.example` });
  await setStanding(deps, owner.orgId, options);
  return role === 'owner' ? owner : createUser(deps.db, deps, owner.orgId, { email, role });
}

/** Suspends an organisation or makes it owe money, as an administrator would. */
export async function setStanding(deps: Deps, org: string, { billing, suspended }: AccountOptions): Promise<void> {
  if (billing === undefined && suspended === undefined) return;
  await deps.db
    .updateTable('organisations')
    .set({
      ...(billing === undefined ? {} : { billing, trial_ends_at: new Date(Date.now() - DAY) }),
      ...(suspended === undefined ? {} : { suspended_at: suspended ? new Date() : null }),
    })
    .where('id', '=', org)
    .execute();
}
