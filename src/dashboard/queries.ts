import { type Kysely, sql } from 'kysely';
import type { DB } from '../../generated/database.ts';

/** Every product of the organisation that is not archived, with what was downloaded of it since then. */
export function listProductFigures(db: Kysely<DB>, organisationId: string, since: Date, firstId: string) {
  return db
    .selectFrom('organisations as o')
    .innerJoin('products as p', 'p.organisation_id', 'o.id')
    .leftJoin('versions as v', (join) =>
      join.onRef('v.organisation_id', '=', 'p.organisation_id').onRef('v.id', '=', 'p.active_version_id'),
    )
    .leftJoin(
      (sessions) =>
        sessions
          .selectFrom('download_sessions as s')
          .select(['s.product_id', (row) => row.fn.countAll<string>().as('started')])
          .select(sql<string>`count(*) filter (where s.status = 'completed')`.as('completed'))
          .select((row) => row.fn.sum<string>('s.bytes_sent').as('bytes'))
          .where('s.organisation_id', '=', organisationId)
          // Ids carry the time: only the end of the index is read.
          .where('s.id', '>=', firstId)
          .where('s.started_at', '>=', since)
          .groupBy('s.product_id')
          .as('d'),
      (join) => join.onRef('d.product_id', '=', 'p.id'),
    )
    .select(['p.id', 'p.name', 'p.status', 'v.version', 'd.started', 'd.completed', 'd.bytes'])
    .where('o.id', '=', organisationId)
    .where('p.status', '<>', 'archived')
    .orderBy(sql`coalesce(d.started, 0)`, 'desc')
    .orderBy('p.name')
    .orderBy('p.id')
    .execute();
}

export type ProductFigures = Awaited<ReturnType<typeof listProductFigures>>[number];
