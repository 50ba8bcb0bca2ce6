import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scanFolder } from './scan.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'continuity-scan-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const times = (count: number, make: (path: string) => Promise<unknown>) =>
  Promise.all(Array.from({ length: count }, (_, n) => make(join(folder, `n${n}`))));
const scan = () => scanFolder(folder, undefined, 30);
const words = () => scan().then(JSON.stringify, (error: Error) => error.message);

describe('a folder', () => {
  it('may hold as many files as a manifest', async () => {
    await times(30, (path) => writeFile(path, ''));
    expect((await scan()).files).toHaveLength(30);
  });

  it('with more is not looked at any further', async () => {
    await times(200, (path) => writeFile(path, ''));
    expect(await words()).toBe(`${folder} cannot be published:\n  there are more than 30 files`);
  });

  it('of folders without end is not looked at any further', async () => {
    await times(160, (path) => mkdir(path));
    expect(await words()).toBe(`${folder} cannot be published:\n  there are more than 150 files, folders and links`);
  });

  it('shows the first of its problems, and how many there are', async () => {
    await times(25, (path) => symlink('/etc/passwd', path));
    const lines = (await words()).split('\n');
    expect(lines).toHaveLength(1 + 20 + 1);
    expect(lines.at(-1)).toBe('  and 5 more');
  });

  it('is left when nobody wants to know any more', async () => {
    await times(3, (path) => writeFile(path, ''));
    await expect(scanFolder(folder, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
