import { type FileHandle, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../db/connect.ts';
import { silent } from '../db/log.ts';
import { createTestDatabase } from '../testing/database.ts';
import { masterKeyFile, openVault } from './master_key.ts';

describe('the key file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'continuity-key-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is made once, also by processes that start together, and is nobody else’s to read', async () => {
    const data = join(folder, 'data');
    const keys = await Promise.all(Array.from({ length: 8 }, () => masterKeyFile(data)));
    for (const key of keys) expect(key).toEqual(keys[0]);
    expect(keys[0]).toHaveLength(32);
    expect(await masterKeyFile(data)).toEqual(keys[0]);
    expect(await readdir(data)).toEqual(['master.key']);
    expect((await stat(join(data, 'master.key'))).mode & 0o777).toBe(0o600);
  });

  it('is on the disk, with its name, before it is used', async () => {
    const probe = await open(join(folder, 'probe'), 'w');
    const prototype: FileHandle = Object.getPrototypeOf(probe);
    await probe.close();
    const sync = vi.spyOn(prototype, 'sync');
    await masterKeyFile(folder);
    // The key, and the folder that names it.
    expect(sync).toHaveBeenCalledTimes(2);
    sync.mockRestore();
  });

  it('is never replaced, even where it is damaged', async () => {
    await writeFile(join(folder, 'master.key'), 'short\n');
    const key = await masterKeyFile(folder);
    expect(key.length).not.toBe(32);
    expect(await readFile(join(folder, 'master.key'), 'utf8')).toBe('short\n');
  });
});

it('opens the secrets of a database with the key they were sealed under, and with no other', async () => {
  const { connectionString, drop } = await createTestDatabase();
  const database = connect({ connectionString, max: 2, log: silent });
  const [first, again] = [
    await openVault(database.db, Buffer.alloc(32, 1)),
    await openVault(database.db, Buffer.alloc(32, 1)),
  ];
  expect(again.open(first.seal(Buffer.from('a'), 'p'), 'p').toString()).toBe('a');
  await expect(openVault(database.db, Buffer.alloc(32, 2))).rejects.toThrow('MASTER_KEY is not the key');
  await database.close();
  await drop();
});
