import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { findVisibleRequest, type RequestWithBuilds } from '../build_requests/queries.ts';
import { fail } from '../errors/fail.ts';
import { parseId } from '../ids/parse.ts';
import type { Caller } from '../projects/access.ts';
import { type BuildRow, findVisibleBuild } from './queries.ts';

/** The build request, of a project that the caller owns or collaborates on, or `not_found`. */
export async function requireRequest(
  db: Kysely<DB>,
  caller: Omit<Caller, 'role'>,
  requestId: string,
): Promise<RequestWithBuilds> {
  const id = parseId(requestId);
  const row = id && (await findVisibleRequest(db, caller, id));
  if (!row) throw fail('not_found', { field: 'build_request_id' });
  return row;
}

/** The same for a build. */
export async function requireBuild(db: Kysely<DB>, caller: Omit<Caller, 'role'>, buildId: string): Promise<BuildRow> {
  const id = parseId(buildId);
  const row = id && (await findVisibleBuild(db, caller, id));
  if (!row) throw fail('not_found', { field: 'build_id' });
  return row;
}
