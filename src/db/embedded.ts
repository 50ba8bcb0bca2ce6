import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, realpath, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { type Binaries, findBinaries } from './embedded_binaries.ts';
import { createCluster, password, SUPERUSER } from './embedded_cluster.ts';
import { alive, findPostmaster, type Postmaster } from './embedded_postmaster.ts';
import { socketFolder } from './embedded_socket.ts';
import { type Account, assertReachable, serverAccount } from './embedded_user.ts';
import { LOCKS } from './locks.ts';
import type { Log } from './log.ts';

const DATABASE = 'continuity';
const WINDOWS = process.platform === 'win32';
/** Milliseconds; recovery after a crash of the machine may take minutes. */
const LONGEST_START = 600_000;
const LONGEST_FAILURE = 10_000;
const LONGEST_LOG = 10 * 1024 * 1024;

export interface Embedded {
  /** A libpq URI that pg, graphile-worker, psql and pgbench accept. */
  connectionString: string;
  /** Shuts the server down unless another process still uses it; resolves when its process has ended. */
  stop(): Promise<void>;
  /** False when a running server was joined. */
  started: boolean;
}

/**
 * Starts PostgreSQL on `<dataDir>/postgres`, creating it on first use, or joins the server that runs there, also one
 * whose parent was killed. Any number of processes may do so at once: the last one to stop shuts the server down.
 * Rejects with a sentence for people when the machine or the folder cannot hold it.
 * @param settings further server settings; tests turn `fsync` off
 */
export async function startEmbedded(
  dataDir: string,
  log: Log,
  settings: Record<string, string> = {},
): Promise<Embedded> {
  await mkdir(dataDir, { recursive: true });
  const folder = await realpath(dataDir);
  const cluster = join(folder, 'postgres');
  let started = false;
  let failing: number | undefined;
  for (const deadline = Date.now() + LONGEST_START; Date.now() < deadline;) {
    const running = await findPostmaster(cluster);
    if (running === undefined) {
      const failure = await launch(folder, settings);
      started = failure === undefined;
      if (started) continue;
      // Another process of ours was quicker, or the sessions of a server that was killed have not ended yet.
      failing ??= Date.now();
      if (Date.now() - failing > LONGEST_FAILURE) {
        throw new Error(`PostgreSQL ended at once (${failure}); ${join(folder, 'postgres.log')} says why.`);
      }
      await pause(50);
      continue;
    }
    const lease = running.ready ? await joinServer(folder, running) : undefined;
    if (lease !== undefined) {
      log.info({ pid: running.pid, started }, 'database ready');
      return { ...lease, started };
    }
    await pause(5);
  }
  throw new Error(`PostgreSQL did not start; ${join(folder, 'postgres.log')} says why.`);
}

/** Resolves when the server is ready, with undefined, or has ended, with its exit code. */
async function launch(folder: string, settings: Record<string, string>): Promise<string | undefined> {
  const cluster = join(folder, 'postgres');
  const [binaries, account] = await Promise.all([findBinaries(), serverAccount()]);
  await assertReachable(
    cluster,
    account,
    'set DATA_DIR to a folder that every user may enter, such as /var/lib/continuity.',
  );
  await assertReachable(
    binaries.postgres,
    account,
    'install the program outside of a private folder, or set DATABASE_URL.',
  );
  await createCluster(folder, binaries, account);
  const where: Record<string, string> = WINDOWS
    ? {
        listen_addresses: '127.0.0.1',
        port: String(49_152 + Math.floor(Math.random() * 16_384)),
      }
    : {
        listen_addresses: '',
        unix_socket_directories: await socketFolder(folder, account),
        unix_socket_permissions: '0700',
      };
  const all = { ...where, ...SETTINGS, ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawnServer(folder, binaries, account, flags);
}

/** Short statements of many connections, on the machine that also runs everything else. */
const SETTINGS: Record<string, string> = {
  shared_buffers: '128MB',
  max_connections: '200',
  max_wal_size: '1GB',
  checkpoint_timeout: '15min',
  jit: 'off',
  io_method: 'sync',
  random_page_cost: '1.1',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

async function spawnServer(
  folder: string,
  { postgres }: Binaries,
  account: Account,
  flags: string[],
): Promise<string | undefined> {
  const cluster = join(folder, 'postgres');
  const path = join(folder, 'postgres.log');
  // A file and not a pipe: the server must outlive a parent that is killed.
  const output = await open(path, 'a', 0o600);
  try {
    if ((await output.stat()).size > LONGEST_LOG) await truncate(path);
    // Detached, or Ctrl-C in the terminal would stop the database under the feet of the server.
    const child = spawn(postgres, ['-D', cluster, ...flags], {
      ...account,
      cwd: cluster,
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      env: { ...process.env, LC_ALL: 'C' },
    });
    child.unref();
    const ended = once(child, 'exit').then(([code, signal]) => `${code ?? signal}`);
    let failure: string | undefined;
    ended.then(
      (why) => {
        failure = why;
      },
      (error: Error) => {
        failure = error.message;
      },
    );
    while (failure === undefined) {
      const running = await findPostmaster(cluster);
      if (running?.pid === child.pid && running?.ready) return undefined;
      await pause(3);
    }
    return failure;
  } finally {
    await output.close();
  }
}

/** Holds the server for this process. Answers undefined when it turns out not to accept connections. */
async function joinServer(folder: string, server: Postmaster): Promise<Omit<Embedded, 'started'> | undefined> {
  const cluster = join(folder, 'postgres');
  const secret = await password(folder);
  const host = WINDOWS ? '127.0.0.1' : server.socket;
  const uri = (database: string) =>
    WINDOWS
      ? `postgresql://${SUPERUSER}:${secret}@${host}:${server.port}/${database}`
      : `postgresql://${SUPERUSER}:${secret}@/${database}?host=${encodeURIComponent(host)}&port=${server.port}`;
  const holder = await hold(uri('postgres'));
  if (holder === undefined) return undefined;
  const { rowCount } = await holder.query('select from pg_database where datname = $1', [DATABASE]);
  if (rowCount === 0) {
    await holder.query(`create database ${DATABASE}`).catch((error: { code?: string }) => {
      // duplicate_database, or unique_violation when both were created at the same moment
      if (error.code !== '42P04' && error.code !== '23505') throw error;
    });
  }
  const stop = async () => {
    if (await isLast(holder)) await shutDown(cluster, server.pid);
    await holder.end().catch(() => undefined);
  };
  // A program that forgets to stop must still be able to end.
  holder.unref();
  return { connectionString: uri(DATABASE), stop };
}

/** What @types/pg leaves out of a client. */
type Holder = pg.Client & { ref(): void; unref(): void };

async function hold(connectionString: string): Promise<Holder | undefined> {
  const client = new pg.Client({
    connectionString,
    application_name: 'continuity (holds the server)',
  }) as Holder;
  // The server may be shut down by hand; whoever needs it next gets the error.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select pg_advisory_lock_shared($1)', [LOCKS.embedded]);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    // Wrong password and the like will not get better by trying again.
    if (code.startsWith('28')) throw error;
    return undefined;
  }
}

async function isLast(holder: Holder): Promise<boolean> {
  try {
    holder.ref();
    const { rows } = await holder.query('select pg_try_advisory_lock($1) as last', [LOCKS.embedded]);
    return rows[0]?.last === true;
  } catch {
    return false;
  }
}

async function shutDown(cluster: string, pid: number): Promise<void> {
  if (WINDOWS) {
    const { pg_ctl } = await findBinaries();
    await promisify(execFile)(pg_ctl, ['stop', '-m', 'fast', '-w', '-D', cluster]);
    return;
  }
  // SIGINT: end sessions, write a checkpoint, exit ("fast shutdown").
  process.kill(pid, 'SIGINT');
  while (alive(pid) && (await findPostmaster(cluster))?.pid === pid) await pause(5);
}
