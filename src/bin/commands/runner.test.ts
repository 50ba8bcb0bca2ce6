import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRunner } from '../../testing/builds.ts';
import { startTestServer, type TestServer } from '../../testing/server.ts';

let server: TestServer;
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'continuity-runner-command-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await server.stop();
});

/** The program in a process of its own; `stopAt` ends it with SIGTERM when it prints that. */
function run(args: string[], env: Record<string, string>, stopAt?: string) {
  return new Promise<{ code: number | null; text: string }>((resolve) => {
    const command = ['--import', 'tsx', 'src/bin/continuity.ts', 'runner', '--unsafe', ...args];
    const child = execFile(process.execPath, command, { env: { PATH: process.env['PATH'], TMPDIR: '/tmp', ...env } });
    let text = '';
    let stopped = false;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: string) => {
        text += chunk;
        if (stopped || stopAt === undefined || !text.includes(stopAt)) return;
        stopped = child.kill('SIGTERM');
      });
    child.once('close', (code) => resolve({ code, text }));
  });
}

describe('continuity runner', () => {
  it('waits for work until it is told to stop', async () => {
    const account = await server.createAccount('admin');
    const { token } = await createRunner(server, account);
    const env = { CONTINUITY_URL: server.url, CONTINUITY_RUNNER_TOKEN: token };
    const { code, text } = await run(['--concurrency', '2'], env, 'waiting for work');
    expect(text).toMatch(/^\S+Z waiting for work of http:.*\n\S+Z SIGTERM: stopping; .*\n\S+Z stopped\n$/);
    expect(code).toBe(0);
    expect(text).not.toContain(token);
  });

  it.each([
    ['no token', [], {}, /set CONTINUITY_RUNNER_TOKEN/],
    ['the key of a user', [], { CONTINUITY_RUNNER_TOKEN: 'ct_x' }, /begins with ctr_/],
    ['a protocol that runs commands', ['--allow-protocol', 'ext'], {}, /Allowed choices are http, file/],
    ['no number', ['--concurrency', '0'], {}, /whole number from 1 to 100/],
    ['no URL', ['--url', 'ftp://x'], { CONTINUITY_RUNNER_TOKEN: 'ctr_x' }, /is no URL/],
  ])('refuses %s', async (_what, args, env, words) => {
    const { code, text } = await run(args, env as Record<string, string>);
    expect(text).toMatch(words);
    expect(code).toBe(1);
  });

  it('refuses a token file that others can read', async () => {
    const file = join(folder, 'token');
    await writeFile(file, 'ctr_x\n', { mode: 0o644 });
    expect((await run(['--token-file', file], {})).text).toContain('chmod 600');
  });
});
