import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { syncFolder } from '../blobs/disk.ts';
import { createVault, type Vault } from './vault.ts';

/** The key file beside the embedded database; made on first start, by one process even when two start at once. */
export async function masterKeyFile(dataDir: string): Promise<Buffer> {
  const path = join(dataDir, 'master.key');
  const known = await readKey(path);
  if (known) return known;
  await mkdir(dataDir, { recursive: true });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeDurably(draft, `${randomBytes(32).toString('base64')}\n`);
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  // Before any secret is sealed under it: a key that a power cut takes away takes them all with it.
  await syncFolder(dataDir);
  const key = await readKey(path);
  if (!key) throw new Error(`${path} does not hold a master key`);
  return key;
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readKey(path: string): Promise<Buffer | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Buffer.from(text.trim(), 'base64');
}

const CHECK = 'master_key_check';
const CHECK_TEXT = Buffer.from('continuity');

/** Opens the vault and proves by a check value in the database that this is the key its secrets were sealed under. */
export async function openVault(db: Kysely<DB>, masterKey: Buffer): Promise<Vault> {
  const vault = createVault(masterKey);
  await db
    .insertInto('server_settings')
    .values({ name: CHECK, value: vault.seal(CHECK_TEXT, CHECK) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await db
    .selectFrom('server_settings')
    .select('value')
    .where('name', '=', CHECK)
    .executeTakeFirstOrThrow();
  try {
    vault.open(row.value, CHECK);
  } catch {
    throw new Error('MASTER_KEY is not the key that this database was set up with');
  }
  return vault;
}
