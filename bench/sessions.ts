import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import type { DB } from '../generated/database.ts';
import { connect, type Database } from '../src/db/connect.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import { silent } from '../src/db/log.ts';
import { atEnd } from './ending.ts';
import { type Server, startServer, temporaryFolder } from './server.ts';

const PRODUCTS = 10;
const DAYS = 365;

export interface Scene {
  readonly server: Server;
  readonly database: Database;
  readonly connectionString: string;
}

/** The built server with ten products of one version, and connections of our own to its database. */
export async function startScene(): Promise<Scene> {
  const server = await startServer();
  const embedded = await startEmbedded(server.dataDir, silent);
  atEnd(embedded.stop);
  const { connectionString } = embedded;
  const database = connect({ connectionString, max: 20, log: silent, statementTimeout: 0 });
  atEnd(() => database.close());
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'content'));
  await writeFile(join(folder, 'content', 'readme.txt'), 'content');
  for (let n = 0; n < PRODUCTS; n += 1)
    await server.command(['publish', join(folder, 'content'), '--product', `product-${n}`, '--version', '1.0.0']);
  return { server, database, connectionString };
}

/**
 * So many sessions that started within a year, evenly over days and products, five under each link, each link with its
 * purchase. Written past triggers and foreign keys; the counts are filled as the migration does it.
 */
export async function fill(db: Kysely<DB>, count: number): Promise<void> {
  const tokens = count / 5;
  await db.connection().execute(async (held) => {
    await sql`set session_replication_role = replica`.execute(held);
    await sql`create temporary table release as select id as version_id, organisation_id, product_id,
      (row_number() over (order by id) - 1)::int as n from versions where organisation_id = 'bench'`.execute(held);
    await sql`insert into purchases (id, organisation_id, product_id, customer_email, customer_name, source, order_id)
      select i, organisation_id, product_id, 'customer' || i || '@example.com', 'Customer, No. ' || i, 'stripe', 'cs_' || i
      from generate_series(1, ${tokens}::int) i join release on n = i % ${PRODUCTS}::int`.execute(held);
    await sql`insert into download_tokens (id, organisation_id, product_id, version_id, token_hash, purchase_id,
        customer_email, order_id, expires_at)
      select i, organisation_id, product_id, version_id, sha256(i::text::bytea), i, 'customer' || i || '@example.com',
        'cs_' || i, now()
      from generate_series(1, ${tokens}::int) i join release on n = i % ${PRODUCTS}::int`.execute(held);
    await sql`insert into download_sessions (id, organisation_id, product_id, version_id, token_id, kind, status, address,
        user_agent, total_bytes, bytes_sent, started_at, completed_at)
      select i, t.organisation_id, t.product_id, t.version_id, t.id, 'archive',
        (array['completed', 'completed', 'completed', 'failed', 'abandoned'])[1 + i % 5], '192.0.2.1',
        'Mozilla/5.0 (X11; Linux x86_64) Firefox/' || i % 100, 1048576, i % 1048576, started_at,
        started_at + interval '5 minutes'
      from (select i, timestamptz '2025-01-01 00:00Z' + i * (interval '1 day' * ${DAYS}::int / ${count}::int) as started_at
        from generate_series(0, ${count - 1}::int) i) s
      join download_tokens t on t.id = 1 + i % ${tokens}::int`.execute(held);
    await sql`insert into download_days
      select organisation_id, (started_at at time zone 'UTC')::date, product_id, count(*),
        count(*) filter (where status = 'completed'), count(*) filter (where status = 'failed'),
        count(*) filter (where status = 'abandoned'), sum(bytes_sent)
      from download_sessions group by 1, 2, 3`.execute(held);
    await sql`reset session_replication_role`.execute(held);
    await sql`drop table release`.execute(held);
    await sql`vacuum analyze`.execute(held);
  });
}
