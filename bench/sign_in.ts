import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '../src/db/connect.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import { silent } from '../src/db/log.ts';
import { createPageClient, csrfIn, type PageClient } from '../src/testing/pages.ts';
import { hashPassword } from '../src/users/password.ts';
import { atEnd } from './ending.ts';
import { format, median } from './rounds.ts';
import { type Server, startServer, temporaryFolder } from './server.ts';

const SIGN_INS = 50;
const PASSWORD = 'stopped clock, tall grass';
const PATH = '/dashboard/sign-in';

/** Milliseconds by which timers of the server's process were late. */
interface Delay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** 50 sign-ins at once: do they hold up the event loop, and how long do they take? */
export async function run(rounds = 3): Promise<string> {
  const file = join(await temporaryFolder(), 'delays');
  process.env.DELAY_FILE = file;
  const server = await startServer(['--import', join(import.meta.dirname, 'event_loop_delay.mjs')]);
  await createUsers(server);
  await signInAll(server);
  const idle: Delay[] = [];
  const busy: Delay[] = [];
  const seconds: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    await delay(server, file);
    await pause(5_000);
    idle.push(await delay(server, file));
    seconds.push(await signInAll(server));
    busy.push(await delay(server, file));
    console.log(`round ${round}: ${line('idle', idle)} · ${line('busy', busy)} · ${format(seconds.at(-1) ?? 0)} s`);
  }
  const p99 = format(median(busy.map((one) => one.p99)));
  const took = format(median(seconds));
  return `sign_in: event-loop delay p99 ${p99} ms during ${SIGN_INS} sign-ins in ${took} s (median of ${rounds}; target 10 ms)`;
}

function line(name: string, delays: readonly Delay[]): string {
  const { p50 = 0, p99 = 0, max = 0 } = delays.at(-1) ?? {};
  return `${name} p50 ${p50.toFixed(2)} p99 ${p99.toFixed(2)} max ${max.toFixed(2)} ms`;
}

const emailOf = (n: number) => `user${n}@bench.example`;

async function createUsers({ dataDir }: Server): Promise<void> {
  const database = await startEmbedded(dataDir, silent);
  atEnd(database.stop);
  const { pool, close } = connect({ connectionString: database.connectionString, max: 1, log: silent });
  await pool.query(
    `insert into users (id, organisation_id, email, role, password_hash)
      select n, 'bench', 'user' || n || '@bench.example', 'member', $1 from generate_series(1, $2::int) n`,
    [await hashPassword(PASSWORD), SIGN_INS],
  );
  await close();
}

/** Each from a browser of its own that has the form open; answers the seconds until the last was in. */
async function signInAll(server: Server): Promise<number> {
  const browsers = await Promise.all(Array.from({ length: SIGN_INS }, () => openForm(server)));
  const started = performance.now();
  await Promise.all(browsers.map(({ browser, csrf }, n) => enter(browser, csrf, emailOf(n + 1))));
  return (performance.now() - started) / 1000;
}

async function openForm(server: Server): Promise<{ browser: PageClient; csrf: string }> {
  const browser = createPageClient(server);
  return { browser, csrf: csrfIn((await browser.get(PATH)).html) ?? '' };
}

async function enter(browser: PageClient, csrf: string, email: string): Promise<void> {
  const { status } = await browser.submit(PATH, { csrf, email, password: PASSWORD });
  if (status !== 303) throw new Error(`${email} was not let in: ${status}`);
}

/** Since it was asked for last. */
async function delay({ program }: Server, file: string): Promise<Delay> {
  const lines = async () => (await readFile(file, 'utf8').catch(() => '')).trim().split('\n').filter(Boolean);
  const before = (await lines()).length;
  process.kill(program.pid, 'SIGUSR2');
  for (;;) {
    const last = (await lines()).slice(before).at(-1);
    if (last !== undefined) return JSON.parse(last) as Delay;
    await pause(5);
  }
}
