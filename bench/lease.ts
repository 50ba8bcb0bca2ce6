import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Kysely, sql } from 'kysely';
import type { DB } from '../generated/database.ts';
import { connect } from '../src/db/connect.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import { silent } from '../src/db/log.ts';
import { atEnd } from './ending.ts';
import { format, median } from './rounds.ts';
import { type Server, startServer } from './server.ts';

const BUILDS = 10_000;
const RUNNERS = 50;

/** 50 runners lease 10,000 waiting builds until none is left, each with its key and a secret, as fast as they can. */
export async function run(rounds = 3): Promise<string> {
  const server = await startServer();
  const embedded = await startEmbedded(server.dataDir, silent);
  atEnd(embedded.stop);
  const { connectionString } = embedded;
  const { db, close } = connect({ connectionString, max: 1, log: silent, statementTimeout: 0 });
  atEnd(close);
  const project = await post(server, '/projects', { name: 'Kit', repository_url: 'git@git.example.com:kit.git' });
  const suite = await post(server, `/projects/${project}/suites`, { name: 'test', command: 'npm test' });
  await call(server, 'PUT', `/projects/${project}/suites/${suite}/secrets/KEY`, { value: 'hush-0123' });
  const tokens: string[] = [];
  for (let n = 0; n < RUNNERS; n++)
    tokens.push(String((await call(server, 'POST', '/runners', { name: `runner ${n}` })).token));
  const rates: number[] = [];
  const p99s: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await fill(db, project, suite, round);
    // What 50 runners would do for what they lease: a round may take longer than a lease holds.
    const beating = setInterval(() => void beat(db), 15_000);
    const { times, seconds } = await leaseAll(server, tokens).finally(() => clearInterval(beating));
    await requireOnce(db, round);
    await sql`delete from build_requests`.execute(db);
    times.sort((a, b) => a - b);
    const p99 = times[Math.floor(times.length * 0.99)] ?? 0;
    rates.push(BUILDS / seconds);
    p99s.push(p99);
    const p50 = format(times[times.length >> 1] ?? 0);
    console.log(`round ${round + 1}: ${format(BUILDS / seconds)} leases/s, p50 ${p50} p99 ${format(p99)} ms`);
  }
  const figures = `${format(median(rates))} leases/s, p99 ${format(median(p99s))} ms`;
  return `lease: ${figures}, ${BUILDS} of ${BUILDS} leased once (median of ${rounds}; target 200/s)`;
}

/** Builds of one request, all of them waiting. */
async function fill(db: Kysely<DB>, project: string, suite: string, round: number): Promise<void> {
  const first = round * BUILDS + 1;
  await sql`insert into build_requests (id, organisation_id, project_id, source, ref, state)
    values (${first}, 'bench', ${project}, 'api', 'main', 'processing')`.execute(db);
  await sql`insert into builds (id, organisation_id, project_id, build_request_id, suite_id, name, command, environment,
      timeout_seconds, state)
    select n, 'bench', ${project}, ${first}, ${suite}, 'test', 'npm test', '{"CI": "true"}', 3600, 'enqueued_for_build'
    from generate_series(${first}::bigint, ${first + BUILDS - 1}::bigint) n`.execute(db);
  await sql`insert into runner_tasks (id, organisation_id, project_id, kind, build_request_id, build_id, state)
    select id, organisation_id, project_id, 'build', build_request_id, id, 'waiting'
    from builds where build_request_id = ${first}`.execute(db);
  await sql`vacuum analyze build_requests, builds, runner_tasks`.execute(db);
}

async function beat(db: Kysely<DB>): Promise<void> {
  await sql`update runner_tasks set leased_until = now() + interval '1 minute' where state = 'leased'`.execute(db);
}

interface Leased {
  /** Milliseconds that each answer took. */
  readonly times: number[];
  readonly seconds: number;
}

/** Rejects when a build was leased twice, or not at all. */
async function leaseAll({ url }: Server, tokens: readonly string[]): Promise<Leased> {
  const agent = new Agent({ keepAlive: true, maxSockets: tokens.length });
  const times: number[] = [];
  const leased: string[] = [];
  const work = async (token: string) => {
    for (;;) {
      const asked = performance.now();
      const id = await lease(agent, url, token);
      if (id === undefined) return;
      times.push(performance.now() - asked);
      leased.push(id);
    }
  };
  const started = performance.now();
  await Promise.all(tokens.map(work));
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  const distinct = new Set(leased).size;
  if (leased.length !== BUILDS || distinct !== BUILDS)
    throw new Error(`${leased.length} leases of ${distinct} builds; there were ${BUILDS}`);
  return { times, seconds };
}

/** Answers the task's id; undefined where nothing waits. */
function lease(agent: Agent, url: string, token: string): Promise<string | undefined> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Length': 0 };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/runner/lease`, { method: 'POST', agent, headers }, (response) => {
      text(response).then((body) => {
        if (response.statusCode !== 200) return reject(new Error(`answered ${response.statusCode} ${body}`));
        const task = (JSON.parse(body) as { response?: { id_str: string; ssh_private_key: string } }).response;
        if (task && !task.ssh_private_key.includes('PRIVATE KEY')) return reject(new Error(body));
        resolve(task?.id_str);
      }, reject);
    });
    sent.once('error', reject);
    sent.end();
  });
}

/** The fence counts leases. */
async function requireOnce(db: Kysely<DB>, round: number): Promise<void> {
  const { rows } = await sql<{ count: number }>`select count(*)::int from runner_tasks
    where build_request_id = ${round * BUILDS + 1} and state = 'leased' and fence = 1`.execute(db);
  if (rows[0]?.count !== BUILDS) throw new Error(`${rows[0]?.count} builds of ${BUILDS} were leased once`);
}

async function call(server: Server, method: string, path: string, json: object): Promise<Record<string, unknown>> {
  const response = await fetch(server.url + path, {
    method,
    headers: { Authorization: `Bearer ${server.apiKey}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(json),
  });
  const body = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status} ${body}`);
  return (JSON.parse(body) as { response: Record<string, unknown> }).response;
}

/** Answers the id of what was created. */
async function post(server: Server, path: string, json: object): Promise<string> {
  return String((await call(server, 'POST', path, json)).id_str);
}
