import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Kysely } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { extract } from 'tar-stream';
import type { DB } from '../../generated/database.ts';
import type { BlobStore } from '../blobs/store.ts';
import { migrateToLatest } from '../db/migrate.ts';
import { blobOf, CannotRestore, OPENING, type Opening, TOTALS, type Totals, tableOf } from './archive.ts';
import { blobs as blobRows, loads, migrationNames, quote } from './queries.ts';
import { requeue } from './requeue.ts';
import { createTableLoader, type TableLoader } from './table_loader.ts';

export interface RestoreTarget {
  db: Kysely<DB>;
  pool: Pool;
  blobs: BlobStore;
}

/** What tar-stream's own types leave open: an entry yields its bytes. */
interface Entry extends AsyncIterable<Buffer> {
  header: { name: string; size?: number };
}

const LARGEST_TEXT = 256 * 1024 * 1024;

/**
 * Restores an archive of `backup` into an empty database and a blob store. Everything becomes visible at the very end,
 * when all totals are right; until then an error, a cut archive included, undoes the rows and removes the blobs that
 * this call has stored. Rejects with CannotRestore, whose message is for people, or an error of database or store.
 */
export async function restore({ db, pool, blobs }: RestoreTarget, input: Readable): Promise<Totals> {
  await migrateToLatest({ db, pool });
  const client = await pool.connect();
  const added: string[] = [];
  try {
    await client.query('set statement_timeout = 0; set idle_in_transaction_session_timeout = 0');
    await client.query('begin');
    const loader = await prepare(client);
    const entries = extract();
    const reading = readEntries(entries as AsyncIterable<unknown> as AsyncIterable<Entry>, {
      client,
      loader,
      blobs,
      added,
    });
    reading.catch(() => entries.destroy());
    // Both must have ended before anything is undone.
    const [read, piped] = await Promise.allSettled([reading, pipeline(input, entries)]);
    if (piped.status === 'rejected' && isCutOff(piped.reason)) throw new CannotRestore('the archive is cut off');
    if (read.status === 'rejected') throw read.reason;
    if (piped.status === 'rejected') throw piped.reason;
    const totals = read.value;
    if (totals === undefined) throw new CannotRestore('the archive is cut off');
    await requeue(client);
    await client.query('commit');
    return totals;
  } catch (error) {
    await Promise.allSettled(added.map((key) => blobs.delete(key)));
    throw error;
  } finally {
    // Ends the transaction too, unless it was committed.
    client.release(true);
  }
}

/** tar-stream's word for an entry that is shorter than its header says. */
function isCutOff(reason: unknown): boolean {
  return reason instanceof Error && reason.message === 'Unexpected end of data';
}

/** Locks every table and refuses unless all are empty. */
async function prepare(client: PoolClient): Promise<TableLoader> {
  const all = await loads(client);
  const tables = [...new Set(all.map((load) => load.table))];
  await client.query(`lock table ${tables.map(quote).join(', ')} in share row exclusive mode`);
  for (const table of tables) {
    const { rowCount } = await client.query(`select from ${quote(table)} limit 1`);
    if (rowCount !== 0) throw new CannotRestore(`the database is not empty: there are ${table}`);
  }
  return createTableLoader(client, all);
}

interface Work {
  client: PoolClient;
  loader: TableLoader;
  blobs: BlobStore;
  /** Keys that this call has stored. */
  added: string[];
}

async function readEntries(entries: AsyncIterable<Entry>, work: Work): Promise<Totals | undefined> {
  const found: Totals = {
    tables: {},
    blobs: { count: 0, bytes: 0 },
    sha256: {},
  };
  const keys = new Set<string>();
  let opened = false;
  let totals: Totals | undefined;
  for await (const entry of entries) {
    const { name } = entry.header;
    const table = tableOf(name);
    const blob = blobOf(name);
    if (name === OPENING) {
      await open(work.client, await text(entry));
      opened = true;
    } else if (!opened) throw new CannotRestore('this is not a backup');
    else if (table !== undefined) await work.loader.add(table, entry);
    else if (blob !== undefined) {
      const sha256 = await store(entry, blob.sha256, work);
      keys.add(name);
      found.blobs.count += 1;
      found.blobs.bytes += entry.header.size ?? 0;
      if (blob.sha256 === undefined) found.sha256[name] = sha256;
    } else if (name === TOTALS) totals = JSON.parse(await text(entry));
    else throw new CannotRestore(`unknown entry ${name}`);
  }
  if (totals === undefined) return undefined;
  found.tables = await work.loader.finish();
  if (canonical(found) !== canonical(totals)) throw new CannotRestore('the archive is damaged: its totals differ');
  const missing = (await blobRows(work.client)).find(({ key }) => !keys.has(key));
  if (missing !== undefined) throw new CannotRestore(`the archive lacks ${missing.key}`);
  return totals;
}

async function open(client: PoolClient, content: string): Promise<void> {
  const opening: Opening = JSON.parse(content);
  const ours = await migrationNames(client);
  if (opening.format !== 1) throw new CannotRestore(`unknown format ${opening.format}`);
  if (JSON.stringify(opening.migrations) !== JSON.stringify(ours)) {
    throw new CannotRestore(
      `the backup is of another version: its last migration is ${opening.migrations.at(-1)}, ours ${ours.at(-1)}`,
    );
  }
}

async function store(entry: Entry, sha256: string | undefined, { blobs, added }: Work): Promise<string> {
  const { name, size = 0 } = entry.header;
  const known = (await blobs.size(name)) !== undefined;
  const expect = {
    size,
    maxSize: size,
    ...(sha256 === undefined ? {} : { sha256 }),
  };
  const stored = await blobs.put(name, entry, expect);
  if (!known) added.push(name);
  return stored.sha256;
}

async function text(entry: Entry): Promise<string> {
  if ((entry.header.size ?? 0) > LARGEST_TEXT) throw new CannotRestore(`${entry.header.name} is too large`);
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function canonical({ tables, blobs, sha256 }: Totals): string {
  const sorted = (record: object) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = sorted(tables).map(([name, table]) => [name, table.rows, table.sha256]);
  return JSON.stringify([rows, blobs.count, blobs.bytes, sorted(sha256)]);
}
