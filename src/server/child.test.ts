import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { superviseWorker } from './child.ts';

const log = pino({ level: 'silent' });
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'continuity-child-'));
});
afterEach(() => vi.useRealTimers());
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A program that adds a line to `started` and then does what `rest` says. */
async function program(rest: string): Promise<string> {
  const path = join(folder, 'program.mjs');
  await writeFile(
    path,
    `import { appendFileSync } from 'node:fs';
    appendFileSync(${JSON.stringify(join(folder, 'started'))}, process.pid + '\\n'); ${rest}`,
  );
  return path;
}
const started = async () => {
  const path = join(folder, 'started');
  return existsSync(path) ? (await readFile(path, 'utf8')).trim().split('\n').map(Number) : [];
};
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('kills a child that does not end in time', async () => {
  const ready = join(folder, 'ready');
  const path = await program(
    `process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000);
    appendFileSync(${JSON.stringify(ready)}, '');`,
  );
  const child = superviseWorker(log, 0.2, path);
  await expect.poll(() => existsSync(ready), { timeout: 10_000 }).toBe(true);
  await child.stop();
  const [pid = 0] = await started();
  expect(isAlive(pid)).toBe(false);
});

it('starts another where one ended, and none once it was told to stop', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const child = superviseWorker(log, 5, await program(''));
  await expect.poll(() => vi.getTimerCount(), { timeout: 10_000 }).toBe(1);
  vi.runAllTimers();
  await expect.poll(async () => (await started()).length, { timeout: 10_000 }).toBe(2);
  await expect.poll(() => vi.getTimerCount(), { timeout: 10_000 }).toBe(1);
  await child.stop();
  expect(vi.getTimerCount()).toBe(0);
});

it('outlives a child that cannot be started', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { execPath } = process;
  process.execPath = join(folder, 'nothing');
  const child = superviseWorker(log, 5, 'any');
  process.execPath = execPath;
  await expect.poll(() => vi.getTimerCount(), { timeout: 10_000 }).toBe(1);
  await child.stop();
});
