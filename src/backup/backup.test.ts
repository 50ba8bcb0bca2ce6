import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFolderStore } from '../blobs/folder.ts';
import type { BlobStore } from '../blobs/store.ts';
import { connect, type Database } from '../db/connect.ts';
import { LOCKS } from '../db/locks.ts';
import { silent } from '../db/log.ts';
import { readEvents, readMoment } from '../firehose/queries.ts';
import { createVault } from '../secrets/vault.ts';
import { sealJob } from '../tasks/sealed.ts';
import { createTestDatabase } from '../testing/database.ts';
import { CannotRestore } from './archive.ts';
import { backup } from './backup.ts';
import { restore } from './restore.ts';

interface Site extends Database {
  blobs: BlobStore;
}

const closing: (() => Promise<void>)[] = [];
let source: Site;

async function site(): Promise<Site> {
  const clone = await createTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'continuity-backup-'));
  const database = connect({
    connectionString: clone.connectionString,
    max: 4,
    log: silent,
  });
  closing.push(async () => {
    await database.close();
    await clone.drop();
    await rm(folder, { recursive: true });
  });
  return { ...database, blobs: createFolderStore(folder) };
}

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest();

async function put(blobs: BlobStore, key: string, bytes: Buffer): Promise<void> {
  await blobs.put(key, Readable.from([bytes]), { maxSize: bytes.length });
}

/** An organisation with a product whose active version has one pack of 300,000 bytes, and one still processing. */
async function fill({ db, blobs }: Site): Promise<void> {
  const pack = randomBytes(300_000);
  const manifest = Buffer.from('{"v":3}');
  const [pack_sha, manifest_sha] = [sha(pack), sha(manifest)];
  await put(blobs, `packs/acme/${pack_sha.toString('hex')}`, pack);
  await put(blobs, `manifests/acme/${manifest_sha.toString('hex')}`, manifest);
  await put(blobs, 'archives/10', Buffer.from('index'));
  await sql`insert into organisations (id, name) values ('acme', ${'A\tB\n\\N "é" 😀'})`.execute(db);
  await sql`insert into packs (organisation_id, sha256, size) values ('acme', ${pack_sha}, ${pack.length})`.execute(db);
  await sql`insert into products (organisation_id, id, name) values ('acme', 'drums', 'Drums'), ('acme', 'bass', 'Bass')`.execute(
    db,
  );
  for (const [id, status] of [
    [10, 'ready'],
    [11, 'processing'],
  ]) {
    await sql`insert into versions (id, organisation_id, product_id, version, status, product_hash, manifest_sha256,
        manifest_size, size, file_count, archive_size, archive_etag, manifest_jws)
      values (${id}, 'acme', 'drums', ${`${id}.0`}, ${status}, ${pack_sha}, ${manifest_sha}, ${manifest.length}, 1, 1, 2, 'e', 'j')`.execute(
      db,
    );
  }
  await sql`update products set active_version_id = 10 where id = 'drums'`.execute(db);
  await sql`insert into download_tokens (id, organisation_id, product_id, version_id, token_hash, expires_at)
    values (1, 'acme', 'drums', 10, sha256('token'), now())`.execute(db);
  await sql`insert into download_sessions (id, organisation_id, product_id, version_id, token_id, kind, status, address,
      user_agent, total_bytes, bytes_sent)
    values (1, 'acme', 'drums', 10, 1, 'archive', 'completed', '192.0.2.1', 'curl', 7, 7)`.execute(db);
  await sql`insert into events (id, organisation_id, tx, type, data)
    select n, 'acme', '99999999999', 'filler', jsonb_build_object('text', repeat('x', 1000)) from generate_series(1, 6000) n`.execute(
    db,
  );
  await sql`insert into worker_leases values (1, gen_random_uuid(), now())`.execute(db);
}

async function save(from: Site): Promise<Buffer> {
  const output = new PassThrough();
  const [bytes] = await Promise.all([buffer(output), backup(from, output)]);
  return bytes;
}

async function keys(blobs: BlobStore): Promise<string[]> {
  const found: string[] = [];
  for (const prefix of ['packs/', 'manifests/', 'archives/']) {
    for await (const { key } of blobs.list(prefix)) found.push(key);
  }
  return found.sort();
}

/** The rows of every table but those that a backup leaves out, without transactions, which are of one server. */
async function contents({ db }: Site): Promise<unknown> {
  const { rows } = await sql`select table_name, query_to_xml(
      format('select to_jsonb(t) - ''tx'' as row from %I t order by 1', table_name), true, false, '')::text as rows
    from information_schema.tables where table_schema = 'public'
      and table_name not like 'kysely%' and table_name <> 'worker_leases' order by 1`.execute(db);
  return rows;
}

beforeEach(async () => {
  source = await site();
  await fill(source);
});
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

test('a restored server has the same rows and blobs and verifies again what was processing', async () => {
  const archive = await save(source);
  const target = await site();
  const totals = await restore(target, Readable.from([archive]));
  expect(totals.blobs.count).toBe(3);
  expect(totals.tables.events?.rows).toBe(6_000);
  expect(await contents(target)).toEqual(await contents(source));
  expect(await keys(target.blobs)).toEqual(await keys(source.blobs));
  const { rows } =
    await sql`select task_identifier, (select payload from graphile_worker._private_jobs p where p.id = jobs.id) as payload
    from graphile_worker.jobs`.execute(target.db);
  expect(rows).toEqual([{ task_identifier: 'verify_version', payload: expect.objectContaining({ versionId: '11' }) }]);
});

test('events of another server are told before those of this one', async () => {
  const target = await site();
  await restore(target, Readable.from([await save(source)]));
  await sql`insert into events (id, organisation_id, type, data) values (7000, 'acme', 'late', '{}')`.execute(
    target.db,
  );
  const { event } = await readMoment(target.hot, 'acme', '5999');
  const page = await readEvents(target.hot, 'acme', event ?? { tx: 0n, id: 0n });
  expect(page.rows.map(({ id }) => id)).toEqual(['6000', '7000']);
});

test('what shops reported is applied after a restore, and no mail goes out by itself', async () => {
  const { db } = source;
  const vault = createVault(randomBytes(32));
  const secret = randomBytes(32).toString('hex');
  const payload = sealJob({ vault }, 'mail_purchases', { secret });
  await sql`insert into purchases (id, organisation_id, product_id, customer_email, source, order_id, email_state)
    values (20, 'acme', 'drums', 'a@example.com', 'api', 'o-1', 'waiting'),
      (21, 'acme', 'drums', 'b@example.com', 'api', 'o-2', 'sent')`.execute(db);
  await sql`insert into mails (id, organisation_id, kind, recipient, purchase_ids, state, task, payload)
    values (30, 'acme', 'purchase', 'a@example.com', '{20}', 'waiting', 'mail_purchases', ${JSON.stringify(payload)}),
      (31, 'acme', 'purchase', 'b@example.com', '{21}', 'sent', 'mail_purchases', null)`.execute(db);
  for (const [id, status] of [
    [40, 'received'],
    [41, 'failed'],
    [42, 'applied'],
    [43, 'unmapped'],
  ])
    await sql`insert into webhook_deliveries (id, organisation_id, vendor, event_id, type, body_sha256, sealed_body, status)
      values (${id}, 'acme', 'stripe', ${`evt_${id}`}, 'any', sha256(${`${id}`}), 'sealed', ${status})`.execute(db);
  await sql`insert into order_lines (id, organisation_id, vendor, order_id, line_key, delivery_id, external_ids, reason,
      purchased_at)
    values (50, 'acme', 'stripe', 'o-3', '1', 43, '{sku-1,sku-2}', 'no_mapping', now())`.execute(db);
  await sql`insert into external_mappings (id, organisation_id, product_id, vendor, external_id)
    values (60, 'acme', 'drums', 'stripe', 'sku-2'), (61, 'acme', 'bass', 'stripe', 'sku-2'),
      (62, 'acme', 'bass', 'stripe', 'sku-9')`.execute(db);
  const archive = await save(source);
  expect(archive.includes(payload.sealed.slice(0, 40))).toBe(true);
  expect(archive.includes(secret)).toBe(false);
  const target = await site();
  await restore(target, Readable.from([archive]));
  const jobs = await sql<{ task: string; payload: unknown }>`select t.identifier as task, j.payload
    from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where t.identifier <> 'verify_version' order by j.id`.execute(target.db);
  expect(jobs.rows).toEqual([
    { task: 'apply_webhooks', payload: [{ deliveryId: '40', organisationId: 'acme' }] },
    { task: 'apply_webhooks', payload: [{ deliveryId: '41', organisationId: 'acme' }] },
    { task: 'replay_lines', payload: { organisationId: 'acme', vendor: 'stripe', externalId: 'sku-2' } },
  ]);
  const mails = await sql<{ state: string; error: string | null; payload: unknown; email_state: string }>`
    select m.state, m.error, m.payload, p.email_state from mails m join purchases p on p.id = any(m.purchase_ids)
    order by m.id`.execute(target.db);
  expect(mails.rows).toEqual([
    { state: 'failed', error: expect.stringContaining('backup'), payload, email_state: 'failed' },
    { state: 'sent', error: null, payload: null, email_state: 'sent' },
  ]);
});

test('an archive that is cut off anywhere restores nothing', async () => {
  const archive = await save(source);
  const target = await site();
  for (const share of [0.001, 0.5, 0.95, 0.999]) {
    const cut = archive.subarray(0, Math.floor((archive.length * share) / 512) * 512);
    await expect(restore(target, Readable.from([cut]))).rejects.toThrow(CannotRestore);
  }
  await expect(restore(target, Readable.from([archive.subarray(0, archive.length - 3_000)]))).rejects.toThrow(
    CannotRestore,
  );
  expect(await keys(target.blobs)).toEqual([]);
  await restore(target, Readable.from([archive]));
});

test('a changed byte in a blob or in a row is noticed', async () => {
  const archive = await save(source);
  const target = await site();
  for (const marker of ['xxxxxxxxxxxxxxxx', 'index']) {
    const damaged = Buffer.from(archive);
    damaged[damaged.indexOf(marker)] = 0x7a;
    await expect(restore(target, Readable.from([damaged]))).rejects.toThrow(CannotRestore);
  }
  const damaged = Buffer.from(archive);
  const [pack] = (await keys(source.blobs)).filter((key) => key.startsWith('packs/'));
  const at = damaged.indexOf(pack ?? '') + 100_000;
  damaged[at] = (damaged[at] ?? 0) ^ 1;
  await expect(restore(target, Readable.from([damaged]))).rejects.toThrow('sha256');
  expect(await keys(target.blobs)).toEqual([]);
});

test('a database that is not empty, another schema and other files are refused', async () => {
  const archive = await save(source);
  await expect(restore(source, Readable.from([archive]))).rejects.toThrow('not empty');
  const target = await site();
  const other = Buffer.from(archive.toString('latin1').replace('20261121T1207', '20261121T1299'), 'latin1');
  await expect(restore(target, Readable.from([other]))).rejects.toThrow('another version');
  await expect(restore(target, Readable.from([randomBytes(5_000)]))).rejects.toThrow();
});

test('a missing blob fails the backup, which restores nothing', async () => {
  await source.blobs.delete('archives/10');
  const output = new PassThrough();
  const [bytes, result] = await Promise.allSettled([buffer(output), backup(source, output)]);
  expect(bytes.status).toBe('rejected');
  expect(result).toMatchObject({
    status: 'rejected',
    reason: { name: 'BlobMissing', key: 'archives/10' },
  });
});

test('packs cannot be deleted while a backup runs, and rows written meanwhile stay out', async () => {
  const output = new PassThrough({ highWaterMark: 1 });
  const running = backup(source, output);
  await new Promise((resolve) => output.once('readable', resolve));
  const tryLock = sql<{
    free: boolean;
  }>`select pg_try_advisory_xact_lock(${LOCKS.packs}) as free`;
  expect((await tryLock.execute(source.db)).rows).toEqual([{ free: false }]);
  await sql`insert into products (organisation_id, id, name) values ('acme', 'late', 'Late')`.execute(source.db);
  const [archive] = await Promise.all([buffer(output), running]);
  const target = await site();
  await restore(target, Readable.from([archive]));
  expect(await target.db.selectFrom('products').select('id').where('id', '=', 'late').execute()).toEqual([]);
});
