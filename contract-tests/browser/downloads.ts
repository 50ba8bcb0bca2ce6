import { sql } from 'kysely';
import type { TestServer } from '../../src/testing/serve_on.ts';

/** Copies of the organisation's first download, over its two products and the last 60 days, more of them from day to day. */
export async function pastDownloads({ deps }: TestServer, organisationId: string): Promise<void> {
  const first = deps.ids.next();
  await sql`
    insert into download_sessions (id, organisation_id, product_id, version_id, token_id, kind, address, user_agent,
      total_bytes, bytes_sent, status, started_at)
    select ${first}::bigint - row_number() over (), d.organisation_id, p.id, v.id, d.token_id, d.kind, d.address,
      d.user_agent, 40000000, case when i % 5 = 0 then 12000000 else 40000000 end,
      case when i % 5 = 0 then 'failed' when i % 11 = 0 then 'abandoned' else 'completed' end,
      now() - make_interval(days => day)
    from (select * from download_sessions where organisation_id = ${organisationId} limit 1) d
    join products p on p.organisation_id = d.organisation_id
    join versions v on v.organisation_id = d.organisation_id and v.id = p.active_version_id
    cross join generate_series(1, 60) day
    cross join lateral generate_series(1, 3 + abs(hashtext(p.name || day)) % (100 - day)) i`.execute(deps.db);
}
