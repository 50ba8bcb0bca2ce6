import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { deleteArtifacts } from '../builds/artifact_queries.ts';
import { recordRequest } from '../builds/record.ts';
import { type MailDeps, tellReaders } from './mail.ts';
import { type Ending, type RequestRow, setEnding } from './queries.ts';

/** Ends a request that is locked and not ended yet; nothing of it is built or published afterwards. */
export async function endRequest(
  tx: Transaction<DB>,
  deps: MailDeps,
  request: RequestRow,
  ending: Ending,
  userId: string | null = null,
): Promise<void> {
  await setEnding(tx, request.organisation_id, request.id, ending);
  await deleteArtifacts(tx, request.organisation_id, request.id);
  await tellReaders(tx, deps, request, ending);
  const { state, result, error } = ending;
  if (state === 'failed_no_suites') return recordRequest(tx, deps, request, 'build_request.failed_no_suites', userId);
  const told = { result, ...(error === undefined ? {} : { error }) };
  await recordRequest(tx, deps, request, 'build_request.processed', userId, told);
}
