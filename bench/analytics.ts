import { deepStrictEqual } from 'node:assert';
import { setTimeout as pause } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { DB } from '../generated/database.ts';
import { presentAnalytics } from '../src/analytics/present.ts';
import { countDownloads, foldChanges, type GroupRow } from '../src/analytics/queries.ts';
import { hashSecret } from '../src/users/principal.ts';
import { alternate, printMedians, ratio } from './rounds.ts';
import { fill, type Scene, startScene } from './sessions.ts';

const SESSIONS = 5_000_000;
const ENDING = 1_000;
const TOKENS = 100;
const YEAR = { from: '2025-01-01', to: '2025-12-31', groupBy: 'day' as const };
const REQUESTS = 20;

/** A year by day over five million sessions: GET /api/analytics/downloads against the plain GROUP BY, and equal to it. */
export async function run(rounds = 3): Promise<string> {
  const scene = await startScene();
  const { db } = scene.database;
  const started = performance.now();
  await fill(db, SESSIONS);
  console.log(`${SESSIONS} sessions made in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  const open = await openSessions(scene);
  const figures = await alternate(rounds, {
    ours: () => answersPerSecond(scene),
    'group by': () => plainPerSecond(db),
  });
  printMedians('answers/s', figures);
  const endings = { left: [...open], ended: 0 };
  const under = await whileEnding(scene, endings);
  console.log(`while ${endings.ended} sessions end: ${under.toFixed(0)} answers/s`);
  deepStrictEqual((await year(scene)).groups, present(await plain(db)));
  console.log('equal to the plain GROUP BY in one snapshot while they end, and at the end');
  return `analytics: ${ratio(figures.ours, figures['group by']).toFixed(0)} times the plain GROUP BY (median of ${rounds}; target 50)`;
}

interface Open {
  readonly id: string;
  readonly token: string;
}

/** Sessions under way, in the middle of the year, under links that were minted as a shop does it. */
async function openSessions({ server, database }: Scene): Promise<Open[]> {
  const all: Open[] = [];
  for (let n = 0; n < TOKENS; n += 1) {
    const answer = await fetch(`${server.url}/api/generate-download-url`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${server.apiKey}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ productId: `product-${n % 10}`, version: '1.0.0' }),
    });
    const { downloadToken: token } = (await answer.json()) as { downloadToken: string };
    const { rows } = await sql<{
      id: string;
    }>`insert into download_sessions (id, organisation_id, product_id, version_id,
        token_id, kind, address, user_agent, total_bytes, bytes_sent, started_at)
      select ${SESSIONS + (n * ENDING) / TOKENS}::bigint + i, t.organisation_id, t.product_id, t.version_id, t.id, 'packs',
        '192.0.2.1', 'agent ' || i, 1000, i, timestamptz '2025-06-01 00:00Z' + i * interval '1 day'
      from generate_series(0, ${ENDING / TOKENS - 1}::int) i, download_tokens t where t.token_hash = ${hashSecret(token)}
      returning id`.execute(database.db);
    all.push(...rows.map(({ id }) => ({ id, token })));
  }
  return all;
}

interface Answer {
  readonly groups: readonly unknown[];
}

async function year({ server }: Scene): Promise<Answer> {
  const answer = await fetch(`${server.url}/api/analytics/downloads?${new URLSearchParams(YEAR)}`, {
    headers: { Authorization: `Bearer ${server.apiKey}` },
  });
  if (!answer.ok) throw new Error(`analytics answered ${answer.status}`);
  return (await answer.json()) as Answer;
}

async function answersPerSecond(scene: Scene): Promise<number> {
  const started = performance.now();
  for (let n = 0; n < REQUESTS; n += 1) await year(scene);
  return REQUESTS / ((performance.now() - started) / 1000);
}

async function plainPerSecond(db: Kysely<DB>): Promise<number> {
  const started = performance.now();
  await plain(db);
  return 1 / ((performance.now() - started) / 1000);
}

async function plain(db: Kysely<DB>): Promise<GroupRow[]> {
  const { rows } = await sql<GroupRow>`select to_char((started_at at time zone 'UTC')::date, 'YYYY-MM-DD') as key,
      count(*) as started, count(*) filter (where status = 'completed') as completed,
      count(*) filter (where status = 'failed') as failed, count(*) filter (where status = 'abandoned') as abandoned,
      sum(bytes_sent)::bigint as bytes
    from download_sessions
    where organisation_id = 'bench' and started_at >= '2025-01-01 00:00Z' and started_at < '2026-01-01 00:00Z'
    group by 1 order by 1`.execute(db);
  return rows;
}

const present = (groups: GroupRow[]) => presentAnalytics(YEAR, { groups, products: [] }).groups;

/** Answers a second while 16 clients end the sessions and changes are folded; both counts in one snapshot meanwhile. */
async function whileEnding(scene: Scene, endings: { left: Open[]; ended: number }): Promise<number> {
  const { db } = scene.database;
  const clients = Promise.all(Array.from({ length: 16 }, () => endAll(scene, endings)));
  while (endings.ended < ENDING / 3) await pause(1);
  const compared = db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const { groups } = await countDownloads(tx, 'bench', YEAR);
      const at = endings.ended;
      deepStrictEqual(present(groups), present(await plain(tx)));
      console.log(`compared after ${at} of ${ENDING} endings`);
    });
  let answers = 0;
  const started = performance.now();
  while (endings.ended < ENDING) {
    await year(scene);
    await foldChanges(db, 50);
    answers += 1;
  }
  const seconds = (performance.now() - started) / 1000;
  await Promise.all([clients, compared]);
  return answers / seconds;
}

async function endAll({ server }: Scene, endings: { left: Open[]; ended: number }): Promise<void> {
  for (let next = endings.left.pop(); next; next = endings.left.pop()) {
    const answer = await fetch(`${server.url}/download/sessions/${next.id}?token=${next.token}`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ status: 'failed' }),
    });
    if (!answer.ok) throw new Error(`ending a session was answered ${answer.status}`);
    endings.ended += 1;
  }
}
