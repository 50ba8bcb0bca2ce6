import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import pLimit from 'p-limit';
import type pg from 'pg';
import { connect } from '../src/db/connect.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import { silent } from '../src/db/log.ts';
import { atEnd, endAll } from './ending.ts';
import { watchMemory } from './memory.ts';
import { cpuSeconds, residentMemory } from './program.ts';
import { median } from './rounds.ts';
import { type Server, startServer } from './server.ts';

const CLIENTS = 1_000;
const WRITERS = 4;
const PER_SECOND = 200;
const SECONDS = 15;
const EVENTS = (PER_SECOND * SECONDS) / WRITERS;
const KIB = 1024;

/**
 * GET /firehose: 1,000 of them on one process while 200 events a second happen, and all are cut off and come back in the
 * middle. How long it takes from the commit to the last client, what a client costs in memory, and that each got all. One
 * that the server drops because it reads too slowly comes back, as any client should, and is counted.
 */
export async function run(rounds = 3): Promise<string> {
  const p99s: number[] = [];
  const costs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // A new server for each round: a process keeps the memory that an earlier crowd has made it take.
    const { server, pool } = await startFresh();
    const before = await residentMemory(server.program.pid);
    const watch = watchMemory(server.program.pid);
    const used = await cpuSeconds(server.program.pid);
    const { p50, p99, most, back, dropped } = await play(server, pool, round);
    const cost = ((await watch()) - before) / CLIENTS / KIB;
    p99s.push(p99);
    costs.push(cost);
    console.log(
      `round ${round + 1}: commit to last client p50 ${p50.toFixed(0)} p99 ${p99.toFixed(0)} max ${most.toFixed(0)} ms, ` +
        `all back in ${back.toFixed(0)} ms, ${dropped} dropped, ${cost.toFixed(0)} KiB a client, ` +
        `${((await cpuSeconds(server.program.pid)) - used).toFixed(0)} s of CPU, ${CLIENTS} × ${WRITERS * EVENTS} events, none lost or doubled`,
    );
    await endAll();
  }
  return `firehose: p99 ${median(p99s).toFixed(0)} ms, ${median(costs).toFixed(0)} KiB a client (median of ${rounds}; targets below 250 ms, 100 KiB)`;
}

async function startFresh() {
  const server = await startServer();
  const embedded = await startEmbedded(server.dataDir, silent);
  atEnd(embedded.stop);
  const { pool, close } = connect({ connectionString: embedded.connectionString, max: WRITERS, log: silent });
  atEnd(close);
  await pool.query('select');
  return { server, pool };
}

/** What of an event is known: when it was committed, and how many have it. */
interface Tally {
  readonly committed: number[];
  readonly receivers: number[];
  readonly complete: number[];
}

async function play(server: Server, pool: pg.Pool, round: number) {
  const tallies = Array.from({ length: WRITERS }, (): Tally => {
    return { committed: [], receivers: Array<number>(EVENTS).fill(0), complete: [] };
  });
  const clients = Array.from({ length: CLIENTS }, () => createClient(server, tallies));
  const few = pLimit(50);
  const openAll = () => Promise.all(clients.map((client) => few(client.open)));
  await openAll();
  const writing = Promise.all(tallies.map((tally, writer) => write(pool, round, writer, tally)));
  await pause((SECONDS * 1000) / 2);
  const cut = performance.now();
  for (const client of clients) client.close();
  await openAll();
  const back = performance.now() - cut;
  await writing;
  for (const deadline = Date.now() + 60_000; tallies.some(({ complete }) => count(complete) < EVENTS); await pause(10))
    if (Date.now() > deadline) throw new Error('not every client has got every event');
  for (const client of clients) client.close();
  const delays = tallies.flatMap(({ committed, complete }) =>
    committed.flatMap((at, n) => (at > cut - 250 && at < cut + back ? [] : [(complete[n] ?? Number.NaN) - at])),
  );
  delays.sort((a, b) => a - b);
  const part = (share: number) => delays[Math.floor(delays.length * share)] ?? Number.NaN;
  const dropped = clients.reduce((sum, client) => sum + client.dropped(), 0);
  return { p50: part(0.5), p99: part(0.99), most: delays.at(-1) ?? Number.NaN, back, dropped };
}

const count = (sparse: readonly number[]): number => Object.keys(sparse).length;

/** One transaction for each event, evenly over the time. */
async function write(pool: pg.Pool, round: number, writer: number, { committed }: Tally): Promise<void> {
  const started = performance.now();
  const first = BigInt(round * WRITERS + writer + 1) * 1_000_000_000n;
  for (let n = 0; n < EVENTS; n++) {
    const due = started + (n + writer / WRITERS) * ((1000 * WRITERS) / PER_SECOND);
    if (due > performance.now()) await pause(due - performance.now());
    const data = { n, w: writer, product_id: 'epic-drums-v1', version_id: '523456789123456000', version: '1.0.0' };
    await pool.query(
      `insert into events (id, organisation_id, type, data) values ($1, 'bench', 'bench.happened', $2::jsonb)`,
      [first + BigInt(n), JSON.stringify(data)],
    );
    committed[n] = performance.now();
  }
}

/** Reads events and goes on where it was when it is opened again. */
function createClient({ url, apiKey }: Server, tallies: readonly Tally[]) {
  const next = tallies.map(() => 0);
  let last: string | undefined;
  let sent: ClientRequest | undefined;
  let dropped = 0;

  function take({ writer, n }: Shown): void {
    const tally = tallies[writer];
    if (tally === undefined || next[writer] !== n)
      throw new Error(`event ${next[writer]} was expected: ${writer} ${n}`);
    next[writer] = n + 1;
    tally.receivers[n] = (tally.receivers[n] ?? 0) + 1;
    if (tally.receivers[n] === CLIENTS) tally.complete[n] = performance.now();
  }

  return {
    dropped: () => dropped,
    async open(): Promise<void> {
      const since = last === undefined ? '' : `?since=${last}`;
      const headers = { Authorization: `Bearer ${apiKey}` };
      const asked = request(`${url}/firehose${since}`, { headers, agent: false }).end();
      sent = asked;
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      asked.on('error', () => undefined);
      response.on('error', () => undefined);
      response.once('close', () => {
        if (sent !== asked) return;
        dropped += 1;
        void this.open();
      });
      if (response.statusCode !== 200) throw new Error(`the firehose was answered ${response.statusCode}`);
      let rest = '';
      response.setEncoding('latin1').on('data', (chunk: string) => {
        // What still comes on a connection that was given up is not counted: it comes again.
        if (sent !== asked) return;
        const text = rest + chunk;
        const end = text.lastIndexOf('\n') + 1;
        rest = text.slice(end);
        const events = shown(text.slice(0, end));
        for (const event of events) take(event);
        last = events.at(-1)?.id ?? last;
      });
    },
    close(): void {
      const given = sent;
      sent = undefined;
      given?.destroy();
    },
  };
}

interface Shown {
  readonly id: string;
  readonly writer: number;
  readonly n: number;
}

const known = new Map<string, readonly Shown[]>();

/** What stands in whole lines. Most clients are sent the same ones at about the same time, so that few are read. */
function shown(lines: string): readonly Shown[] {
  const seen = known.get(lines);
  if (seen) return seen;
  const events = lines.split('\n').filter(Boolean).map(read);
  if (known.size === 100) known.clear();
  known.set(lines, events);
  return events;
}

function read(line: string): Shown {
  const { id_str: id, data } = JSON.parse(line) as { id_str: string; data: { n: number; w: number } };
  return { id, n: data.n, writer: data.w };
}
