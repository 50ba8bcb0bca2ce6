import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openWorkFolder } from './folders.ts';
import { STALE_MS } from './orphans.ts';
import { removeFolder } from './remove_folder.ts';
import { runProgram } from './spawned.ts';

const DEEP = 'x'.repeat(200);
let parent: string;
let told: string[];
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'continuity-folders-'));
  told = [];
});
afterEach(() => removeFolder(parent));

const open = (path = parent) =>
  openWorkFolder(path, { asRoot: process.getuid?.() === 0, tell: (line) => void told.push(line) });

describe('a work folder', () => {
  it('loses what runners that were killed left there, and keeps what others work with', async () => {
    const [dead, alive] = [join(parent, 'runner-1-1'), join(parent, `runner-${process.pid}-1`)];
    await mkdir(join(dead, 'task-x'), { recursive: true });
    await mkdir(alive);
    const long = new Date(Date.now() - STALE_MS - 1_000);
    await utimes(dead, long, long);
    const work = await open();
    expect(await readdir(parent)).toHaveLength(2);
    await work.close();
    expect(await readdir(parent)).toEqual([`runner-${process.pid}-1`]);
  });

  it('is kept fresh for as long as its runner lives', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const work = await open();
    const [name = ''] = await readdir(parent);
    const long = new Date(Date.now() - STALE_MS - 1_000);
    await utimes(join(parent, name), long, long);
    await vi.advanceTimersByTimeAsync(STALE_MS / 2);
    await expect.poll(async () => (await stat(join(parent, name))).mtimeMs).toBeGreaterThan(long.getTime());
    await work.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('is no link that somebody else laid', async () => {
    await symlink('/etc', join(parent, 'link'));
    await expect(open(join(parent, 'link'))).rejects.toThrow('--work-dir');
  });

  it('makes room again after another runner took it for a dead one', async () => {
    const work = await open();
    for (const name of await readdir(parent)) await rm(join(parent, name), { recursive: true });
    await work.remove(await work.create(undefined));
    await work.close();
  });
});

describe('the folder of a task', () => {
  it('is removed however deep it is, and whatever rights were taken away', async () => {
    const work = await open();
    const folder = await work.create(undefined);
    const { source } = folder;
    const nest = `for (let n = 0; n < 40; n++) fs.mkdirSync('${DEEP}'), process.chdir('${DEEP}')`;
    const made = await runProgram(process.execPath, ['-e', nest], { cwd: source, env: {} });
    expect(made).toMatchObject({ code: 0 });
    await mkdir(join(source, 'locked', 'inner'), { recursive: true });
    await chmod(join(source, 'locked'), 0o500);
    await work.remove(folder);
    expect(told).toEqual([]);
    await work.close();
    expect(await readdir(parent)).toEqual([]);
  });

  it('that cannot be removed is told, and stops nobody', async () => {
    const work = await open();
    const folder = await work.create(undefined);
    await work.remove({ ...folder, path: '/proc/self/fd' });
    expect(told).toEqual([expect.stringMatching(/^\/proc\/self\/fd cannot be removed: rm: /)]);
    await work.close();
  });
});
