import { createHash } from 'node:crypto';
import { type Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pool, PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type Pack, pack } from 'tar-stream';
import { BlobMissing, type BlobStore } from '../blobs/store.ts';
import { LOCKS } from '../db/locks.ts';
import { blobOf, OPENING, type Opening, PART_SIZE, partName, TOTALS, type Totals } from './archive.ts';
import { type BlobRow, blobs as blobRows, copyOut, type Load, loads, migrationNames } from './queries.ts';

export interface BackupSources {
  pool: Pool;
  blobs: BlobStore;
}

/**
 * Writes everything that a server knows to `output` as one tar and ends it. The server may run on meanwhile: the
 * database is read as it is at one moment, and no pack is deleted until the last one is copied.
 * Rejects, leaving an archive that `restore` refuses, when a blob is missing or either side fails.
 */
export async function backup({ pool, blobs }: BackupSources, output: Writable): Promise<Totals> {
  const archive = pack();
  const [totals] = await Promise.all([
    write({ pool, blobs }, archive).catch((error: Error) => {
      archive.destroy(error);
      throw error;
    }),
    pipeline(archive, output),
  ]);
  return totals;
}

async function write({ pool, blobs }: BackupSources, archive: Pack): Promise<Totals> {
  const client = await pool.connect();
  try {
    await client.query('set statement_timeout = 0; set idle_in_transaction_session_timeout = 0');
    // Before the snapshot, so that every pack in it is still stored.
    await client.query('select pg_advisory_lock_shared($1)', [LOCKS.packs]);
    await client.query('begin isolation level repeatable read read only');
    const totals: Totals = {
      tables: {},
      blobs: { count: 0, bytes: 0 },
      sha256: {},
    };
    const createdAt = new Date().toISOString();
    const opening: Opening = {
      format: 1,
      createdAt,
      migrations: await migrationNames(client),
    };
    await addText(archive, OPENING, JSON.stringify(opening));
    for (const load of await loads(client)) totals.tables[load.name] = await addTable(archive, client, load);
    const rows = await blobRows(client);
    await client.query('commit');
    for (const row of rows) await addBlob(archive, blobs, row, totals);
    await addText(archive, TOTALS, JSON.stringify(totals));
    archive.finalize();
    return totals;
  } finally {
    // Closing the session frees the lock, whatever state an error left it in.
    client.release(true);
  }
}

async function addTable(archive: Pack, client: PoolClient, load: Load): Promise<{ rows: number; sha256: string }> {
  const hash = createHash('sha256');
  const source = client.query(copyTo(copyOut(load)));
  let parts: Buffer[] = [];
  let size = 0;
  let number = 0;
  const flush = async () => {
    number += 1;
    await addText(archive, partName(load.name, number), Buffer.concat(parts));
    parts = [];
    size = 0;
  };
  for await (const chunk of source) {
    hash.update(chunk);
    parts.push(chunk);
    size += chunk.length;
    if (size >= PART_SIZE) await flush();
  }
  if (size > 0) await flush();
  return { rows: source.rowCount, sha256: hash.digest('hex') };
}

async function addBlob(archive: Pack, store: BlobStore, { key, size }: BlobRow, totals: Totals): Promise<void> {
  const stored = size ?? (await store.size(key));
  if (stored === undefined) throw new BlobMissing(key);
  const hash = createHash('sha256');
  const source: Readable = await store.read(key);
  const hashed = new Transform({
    transform(chunk, _, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  // tar-stream rejects when the blob is not exactly as long as its header says.
  await pipeline(source, hashed, archive.entry({ name: key, size: stored }));
  const sha256 = hash.digest('hex');
  const named = blobOf(key)?.sha256;
  if (named === undefined) totals.sha256[key] = sha256;
  else if (named !== sha256) throw new Error(`blob ${key} is damaged`);
  totals.blobs.count += 1;
  totals.blobs.bytes += stored;
}

function addText(archive: Pack, name: string, content: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry({ name }, content, (error) => (error ? reject(error) : resolve()));
  });
}
