import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { startEmbedded } from './embedded.ts';
import { silent } from './log.ts';

const folders: string[] = [];

async function folder(name = ''): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), `continuity-embedded-${name}`));
  await chmod(path, 0o755);
  folders.push(path);
  return path;
}

afterEach(async () => {
  await Promise.all(folders.splice(0).map((path) => rm(path, { recursive: true, force: true })));
});

async function ask(connectionString: string, text: string): Promise<unknown> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return Object.values((await client.query(text)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

test('commands that start together share one server, and the last to stop ends it', async () => {
  const data = await folder();
  const [one, two, three] = await Promise.all([1, 2, 3].map(() => startEmbedded(data, silent)));
  if (one === undefined || two === undefined || three === undefined) throw new Error('not started');
  expect([one, two, three].filter((server) => server.started)).toHaveLength(1);
  expect(await ask(one.connectionString, 'select current_database()')).toBe('continuity');
  expect(await ask(one.connectionString, 'show fsync')).toBe('on');
  expect(await ask(one.connectionString, 'show listen_addresses')).toBe('');
  expect(
    await ask(
      one.connectionString,
      "select pg_encoding_to_char(encoding) || datcollate from pg_database where datname = 'continuity'",
    ),
  ).toBe('UTF8C');
  expect((await stat(join(data, 'postgres.password'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(data, 'socket'))).mode & 0o777).toBe(0o700);
  const wrong = one.connectionString.replace(/:[^:@]+@/, ':wrong@');
  await expect(ask(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' });

  await one.stop();
  await two.stop();
  expect(await ask(three.connectionString, 'select 1')).toBe(1);
  await three.stop();
  await expect(ask(three.connectionString, 'select 1')).rejects.toMatchObject({
    code: 'ENOENT',
  });
});

test('a server whose parent was killed is joined and can be stopped; after kill -9 of its own it recovers', async () => {
  const data = await folder();
  const program = `import { startEmbedded } from ${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)};
    import { silent } from ${JSON.stringify(new URL('./log.ts', import.meta.url).href)};
    await startEmbedded(${JSON.stringify(data)}, silent); console.log('ready'); process.kill(process.pid, 'SIGKILL');`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    stdio: 'inherit',
  });
  expect((await once(child, 'exit'))[1]).toBe('SIGKILL');

  const joined = await startEmbedded(data, silent);
  expect(joined.started).toBe(false);
  await ask(joined.connectionString, 'create table kept as select 42 as n');
  const pid = Number((await readFile(join(data, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
  process.kill(pid, 'SIGKILL');

  const again = await startEmbedded(data, silent);
  expect(again.started).toBe(true);
  expect(await ask(again.connectionString, 'select n from kept')).toBe(42);
  await again.stop();
});

test('a path too long for a socket gets a private folder elsewhere', async () => {
  const data = await folder('x'.repeat(90));
  const server = await startEmbedded(data, silent);
  const socket = new URLSearchParams(server.connectionString.split('?')[1]).get('host') ?? '';
  expect(socket.startsWith(data)).toBe(false);
  expect((await stat(socket)).mode & 0o777).toBe(0o700);
  expect(await ask(server.connectionString, 'select 1')).toBe(1);
  await server.stop();
  await rm(socket, { recursive: true });
});

test.runIf(process.getuid?.() === 0)('a folder that the server may not enter is refused with the remedy', async () => {
  const data = await folder();
  await chmod(data, 0o700);
  await expect(startEmbedded(join(data, 'inside'), silent)).rejects.toThrow('DATA_DIR');
});
