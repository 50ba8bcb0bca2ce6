import { type Kysely, sql } from 'kysely';
import type { DB } from '../../generated/database.ts';

/**
 * Addresses of those who see the project and asked for such mail. Nobody of a suspended organisation gets any, and nobody
 * gets mail about the project of one.
 */
export async function listReaders(
  db: Kysely<DB>,
  organisationId: string,
  projectId: string,
  wishes: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ email: string }>`
    select u.email from users u join organisations o on o.id = u.organisation_id
    where u.build_mails = any (${wishes}::text[]) and o.suspended_at is null
      and (u.organisation_id = ${organisationId} or exists (select from collaborators c
        where c.organisation_id = ${organisationId} and c.project_id = ${projectId}::bigint and c.user_id = u.id))
      and exists (select from organisations p where p.id = ${organisationId} and p.suspended_at is null)
    order by u.id`.execute(db);
  return rows.map(({ email }) => email);
}

/** What a mail about a build request says of it. */
export async function findForMail(db: Kysely<DB>, organisationId: string, id: string) {
  const request = await db
    .selectFrom('build_requests as r')
    .innerJoin('projects as p', 'p.id', 'r.project_id')
    .leftJoin('commits as c', 'c.id', 'r.commit_id')
    .select(['r.ref', 'r.publish_product_id', 'r.publish_version', 'p.name as project_name', 'c.ref as sha'])
    .where('r.organisation_id', '=', organisationId)
    .where('r.id', '=', id)
    .executeTakeFirstOrThrow();
  const builds = await db
    .selectFrom('builds')
    .select(['name', 'state'])
    .where('organisation_id', '=', organisationId)
    .where('build_request_id', '=', id)
    .orderBy('id')
    .execute();
  return { ...request, builds };
}

export type ForMail = Awaited<ReturnType<typeof findForMail>>;
