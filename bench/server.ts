import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { atEnd } from './ending.ts';
import { execute, freePort, type Program, start, untilAnswers } from './program.ts';

const PROGRAM = 'dist/continuity.js';

/** The built server as `npm start` runs it, on a data directory of its own, logging to a file. */
export interface Server {
  readonly url: string;
  readonly dataDir: string;
  readonly program: Program;
  /** Runs the command line against this server; answers what it prints with --json. */
  command(args: string[], apiKey?: string): Promise<Record<string, unknown>>;
  /** Of an owner of the organisation `bench`. */
  readonly apiKey: string;
}

/** Removed when the benchmark ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'continuity-bench-'));
  // mkdtemp makes it private, which as root would lock the account out that PostgreSQL runs as.
  await chmod(folder, 0o755);
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function startServer(nodeOptions: string[] = []): Promise<Server> {
  const folder = await temporaryFolder();
  const dataDir = join(folder, 'data');
  const { program, env, url } = await launch(dataDir, join(folder, 'server.log'), nodeOptions);
  await untilLine(join(folder, 'server.log'), 'Continuity is ready');
  const owner = ['--id', 'bench', '--name', 'Bench', '--owner-email', 'bench@example.com'];
  const { apiKey } = await commandOf(env)(['org', 'create', ...owner]);
  if (typeof apiKey !== 'string') throw new Error('org create printed no apiKey');
  return {
    url,
    dataDir,
    program,
    apiKey,
    command: (args, key = apiKey) => commandOf({ ...env, CONTINUITY_API_KEY: key, CONTINUITY_URL: url })(args),
  };
}

/** Starts the server and waits until it says that it is ready to work. */
export async function launch(dataDir: string, log: string, nodeOptions: string[] = []) {
  const port = await freePort();
  const env = { PORT: String(port), ADMIN_PORT: String(await freePort()), DATA_DIR: dataDir, LOG_LEVEL: 'info' };
  const url = `http://127.0.0.1:${port}`;
  const program = start(process.execPath, ['--enable-source-maps', ...nodeOptions, PROGRAM, 'serve'], log, env);
  await untilAnswers(`${url}/readyz`);
  return { program, env, url };
}

function commandOf(env: Record<string, string>) {
  return async (args: string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await execute(process.execPath, [PROGRAM, ...args, '--json'], {
      env: { ...process.env, ...env },
    });
    // Administrative commands may log on standard output as well.
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  };
}

async function untilLine(path: string, text: string): Promise<void> {
  while (!(await readFile(path, 'utf8')).includes(text)) await pause(20);
}
