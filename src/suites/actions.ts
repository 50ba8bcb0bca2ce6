import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { type Event, recordEvent } from '../events/record.ts';
import { parseId } from '../ids/parse.ts';
import type { Access } from '../projects/access.ts';
import { lockProject } from '../projects/queries.ts';
import type { Principal } from '../users/principal.ts';
import { changeSuite, findSuite, insertSuite, isNameTaken, lockSuite, removeSuite, type SuiteRow } from './queries.ts';
import { requireValid } from './rules.ts';

export type Actor = Pick<Principal, 'userId'>;
/** What `requireProject` answered. */
export type Where = Pick<Access, 'organisationId' | 'projectId'>;
type EventDeps = Pick<Deps, 'ids'>;

export interface SuiteCreate {
  readonly name: string;
  readonly command: string;
  readonly description?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeout_seconds?: number;
  /** Empty: there is nothing to publish. */
  readonly artifact_path?: string;
}

const HOUR = 3600;

/** Fails with `already_exists` at `name`. */
export function create(
  db: Kysely<DB>,
  deps: EventDeps,
  actor: Actor,
  where: Where,
  { name, command, description = '', environment = {}, timeout_seconds = HOUR, artifact_path = '' }: SuiteCreate,
): Promise<SuiteRow> {
  requireValid({ name, command, environment, artifact_path });
  const { organisationId, projectId } = where;
  const id = deps.ids.next();
  return inTransaction(db, async (tx) => {
    await hold(tx, where);
    const suite = { id, project_id: projectId, name, description, command, environment, timeout_seconds };
    const made = await insertSuite(tx, organisationId, { ...suite, artifact_path: artifact_path || null });
    if (!made) throw fail('already_exists', { field: 'name' });
    const row = await requireSuite(tx, where, id);
    await recordEvent(tx, eventOf(deps, actor, 'suite.created', row));
    return row;
  });
}

/** Merges the change into the suite. Fails with `not_found`, or with `already_exists` at `name`. */
export function update(
  db: Kysely<DB>,
  deps: EventDeps,
  actor: Actor,
  { suiteId, ...where }: Where & { readonly suiteId: string },
  { artifact_path: path, ...change }: Partial<SuiteCreate>,
): Promise<SuiteRow> {
  requireValid({ ...change, artifact_path: path });
  const { organisationId, projectId } = where;
  return inTransaction(db, async (tx) => {
    await hold(tx, where);
    const { id } = await requireLocked(tx, where, suiteId);
    const { name } = change;
    if (name !== undefined && (await isNameTaken(tx, organisationId, projectId, { id, name })))
      throw fail('already_exists', { field: 'name' });
    const whole = { ...change, ...(path === undefined ? {} : { artifact_path: path || null }) };
    await changeSuite(tx, organisationId, id, whole);
    const changed = Object.keys(whole).join(' ');
    const row = await requireSuite(tx, where, id);
    await recordEvent(tx, eventOf(deps, actor, 'suite.updated', row, { changed }));
    return row;
  });
}

export function remove(
  db: Kysely<DB>,
  deps: EventDeps,
  actor: Actor,
  { suiteId, ...where }: Where & { readonly suiteId: string },
): Promise<SuiteRow> {
  return inTransaction(db, async (tx) => {
    const row = await requireLocked(tx, where, suiteId);
    await removeSuite(tx, where.organisationId, row.id);
    await recordEvent(tx, eventOf(deps, actor, 'suite.deleted', row));
    return row;
  });
}

/** Names of suites are given in turns, and the project stays until the transaction ends. */
async function hold(tx: Transaction<DB>, { organisationId, projectId }: Where): Promise<void> {
  if (!(await lockProject(tx, organisationId, projectId))) throw fail('not_found', { field: 'project_id' });
}

/** Fails with `not_found` at `suite_id`. */
export async function requireSuite(
  db: Kysely<DB>,
  { organisationId, projectId }: Where,
  suiteId: string,
): Promise<SuiteRow> {
  const id = parseId(suiteId);
  const row = id && (await findSuite(db, organisationId, projectId, id));
  if (!row) throw fail('not_found', { field: 'suite_id' });
  return row;
}

/** The suite as it is under the lock. */
export async function requireLocked(tx: Transaction<DB>, where: Where, suiteId: string): Promise<SuiteRow> {
  const id = parseId(suiteId);
  if (id) await lockSuite(tx, where.organisationId, where.projectId, id);
  return requireSuite(tx, where, suiteId);
}

export function eventOf(
  { ids }: EventDeps,
  { userId }: Actor,
  type: string,
  { id, organisation_id: organisationId, project_id, name }: SuiteRow,
  more: Record<string, string> = {},
): Event {
  const data = { project_id, suite_id: id, name, ...more };
  return { id: ids.next(), organisationId, type, userId, data };
}
