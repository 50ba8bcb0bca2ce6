import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../db/transaction.ts';
import { sentMail } from '../testing/mail.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { createFolderMailer } from './folder.ts';
import { queueMail } from './queue.ts';
import { senderAt } from './sender.ts';

const MAIL = {
  to: 'tom@example.com',
  subject: 'Größe',
  text: 'https://example.com/?token=abc',
  html: '<p>https://example.com/?token=abc</p>',
};

let folder: string;
let server: TestServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'continuity-mail-'));
  server = await startTestServer();
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const send = async (mail: typeof MAIL, id: string) => {
  await createFolderMailer(folder, senderAt('https://shop.example.com')).send(mail, id);
  return readFile(join(folder, `${id}.eml`), 'latin1');
};
const headOf = (message: string) => message.slice(0, message.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');

describe('a message in the folder', () => {
  it('is whole, has both bodies, and says who it is from', async () => {
    const message = await send(MAIL, '1');
    expect(headOf(message)).toMatch(/^From: Continuity <no-reply@shop\.example\.com>$/m);
    expect(headOf(message)).toMatch(/^To: tom@example\.com$/m);
    expect(headOf(message)).toMatch(/^Message-ID: <1\.continuity@shop\.example\.com>$/m);
    expect(headOf(message)).toMatch(/^Subject: =\?UTF-8\?Q\?Gr=C3=B6=C3=9Fe\?=$/m);
    expect(message).toContain('Content-Type: text/plain');
    expect(message).toContain('Content-Type: text/html');
    expect(message.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it('is for nobody else to read, and leaves no draft behind', async () => {
    await send(MAIL, '2');
    expect((await stat(join(folder, '2.eml'))).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).filter((name) => !/^\d+\.eml$/.test(name))).toEqual([]);
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(createFolderMailer(file, senderAt('https://a.example')).send(MAIL, '2')).rejects.toThrow();
    await rm(file);
  });

  it('sent again has the same name', async () => {
    const before = (await readdir(folder)).length;
    await send(MAIL, '3');
    await send(MAIL, '3');
    expect((await readdir(folder)).length).toBe(before + 1);
  });

  it.each([
    ['a subject', { ...MAIL, subject: 'Hello\r\nBcc: eve@example.com\n\nBody' }],
    ['an address', { ...MAIL, to: 'tom@example.com\r\nBcc: eve@example.com' }],
    ['an address with a comma', { ...MAIL, to: 'tom@example.com, eve@example.com' }],
    ['an address with a name', { ...MAIL, to: 'eve@example.com <tom@example.com>' }],
  ])('takes no header or reader out of %s', async (_what, mail) => {
    const head = headOf(await send(mail, '4'));
    expect(head).not.toMatch(/^Bcc:/im);
    expect(head.match(/^To: /gm)).toHaveLength(1);
    expect(head).not.toMatch(/^To: .*[<, ]eve@example\.com(>|,|$)/m);
  });

  it('comes from a mailbox that a mail program accepts, whatever PUBLIC_URL is', () => {
    expect(senderAt('http://127.0.0.1:8080').address).toBe('no-reply@localhost');
    expect(senderAt('http://[::1]:8080').address).toBe('no-reply@localhost');
  });
});

describe('the queue', () => {
  const queued = () =>
    server.deps.db
      .selectFrom('graphile_worker._private_jobs' as never)
      .select('payload' as never)
      .execute();

  it('sends what was committed, and nothing else', async () => {
    const { db } = server.deps;
    const undone = inTransaction(db, async (tx) => {
      await queueMail(tx, server.deps, { ...MAIL, subject: 'undone' });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await inTransaction(db, (tx) => queueMail(tx, server.deps, MAIL));
    expect(await sentMail(server)).toEqual([MAIL]);
    expect(await sentMail(server)).toEqual([MAIL]);
    // The worker deletes what it has done a moment after it says that it has.
    await expect.poll(queued).toEqual([]);
  });

  it('holds no secret in the clear', async () => {
    await inTransaction(server.deps.db, (tx) => queueMail(tx, server.deps, MAIL));
    const text = JSON.stringify(await queued());
    expect(text).toContain('sealed');
    expect(text).not.toMatch(/token=abc|tom@example/);
    await sentMail(server);
  });

  it('is emptied by the worker into the folder', async () => {
    const working = await startTestServer({ worker: true });
    const mails = join(working.deps.config.dataDir, 'mail');
    await inTransaction(working.deps.db, (tx) => queueMail(tx, working.deps, MAIL));
    await expect.poll(() => readdir(mails).catch(() => []), { timeout: 10_000 }).toHaveLength(1);
    await working.stop();
  });
});
