import type { Deps } from '../deps.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { createOwn, type ProjectCreate, type WithSecret } from '../projects/actions.ts';
import { create, type SuiteCreate } from '../suites/actions.ts';
import type { SuiteRow } from '../suites/queries.ts';

type Owner = Pick<NewAccount, 'orgId' | 'userId'>;

const actorOf = ({ orgId, userId }: Owner) => ({ organisationId: orgId, userId });

/** A project of the account's organisation, with its hook secret. */
export function createTestProject(
  deps: Deps,
  account: Owner,
  fields: Partial<ProjectCreate> = {},
): Promise<WithSecret> {
  const repository_url = 'git@git.example.com:team/repository.git';
  return createOwn(deps.db, deps, actorOf(account), { name: 'Test project', repository_url, ...fields });
}

/** A suite of the project, by the account, which owns both. */
export function createTestSuite(
  deps: Deps,
  account: Owner,
  projectId: string,
  fields: Partial<SuiteCreate> = {},
): Promise<SuiteRow> {
  const where = { organisationId: account.orgId, projectId };
  return create(deps.db, deps, account, where, { name: 'Test suite', command: 'true', ...fields });
}

/** An invitation of the address, which waits; or, with `user`, one that the user has accepted. Answers its id. */
export async function addCollaborator(
  { db, ids }: Deps,
  { id, organisation_id }: { readonly id: string; readonly organisation_id: string },
  who: { readonly email: string; readonly user?: string },
): Promise<string> {
  const collaboratorId = ids.next();
  const accepted = who.user === undefined ? {} : { user_id: who.user, accepted_at: new Date() };
  await db
    .insertInto('collaborators')
    .values({ id: collaboratorId, organisation_id, project_id: id, email: who.email, ...accepted })
    .execute();
  return collaboratorId;
}
