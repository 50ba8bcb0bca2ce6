import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { type Actor, eventOf, requireLocked, requireSuite, type Where } from './actions.ts';
import { putSecret, removeSecret, type SuiteRow } from './queries.ts';
import { MOST_SECRETS, requireVariable } from './rules.ts';
import { sealSecret } from './sealed.ts';

interface Named extends Where {
  readonly suiteId: string;
  /** Of the environment variable. */
  readonly name: string;
}

/** Fails with `not_found`, or with `invalid_format` at `name` for no name, and for one too many. */
export function setSecret(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids' | 'vault'>,
  actor: Actor,
  { suiteId, name, ...where }: Named,
  value: string,
): Promise<SuiteRow> {
  return inTransaction(db, async (tx) => {
    const suite = await requireLocked(tx, where, suiteId);
    requireVariable(name);
    const names = suite.secret_names;
    if (!names.includes(name) && names.length >= MOST_SECRETS) throw fail('invalid_format', { field: 'name' });
    await putSecret(tx, suite, name, sealSecret(deps.vault, suite, name, value));
    await recordEvent(tx, eventOf(deps, actor, 'suite.secret_set', suite, { secret_name: name }));
    return requireSuite(tx, where, suite.id);
  });
}

/** Fails with `not_found`, at `name` where the suite has no such secret. */
export function deleteSecret(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids'>,
  actor: Actor,
  { suiteId, name, ...where }: Named,
): Promise<SuiteRow> {
  return inTransaction(db, async (tx) => {
    const suite = await requireLocked(tx, where, suiteId);
    if (!(await removeSecret(tx, suite, name))) throw fail('not_found', { field: 'name' });
    await recordEvent(tx, eventOf(deps, actor, 'suite.secret_removed', suite, { secret_name: name }));
    return requireSuite(tx, where, suite.id);
  });
}
