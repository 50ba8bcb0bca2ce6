import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { createFolderMaker, syncFolder } from '../blobs/disk.ts';
import type { Mail, Mailer } from './mail.ts';

interface Sender {
  readonly name: string;
  readonly address: string;
}

/**
 * Keeps each message as an `.eml` file (RFC 5322), which any mail program opens. They hold links that sign people in,
 * hence a folder and files that only the server's user may read.
 */
export function createFolderMailer(folder: string, from: Sender): Mailer {
  const make = createFolderMaker(folder);
  return {
    async send(mail, id) {
      const message = await compose(mail, id, from);
      await make(folder);
      await store(folder, `${id}.eml`, message);
    },
  };
}

const transport = createTransport({
  streamTransport: true,
  buffer: true,
  newline: 'windows',
  disableFileAccess: true,
  disableUrlAccess: true,
});

/**
 * The address goes in as an object: taken as text, `a, b@example.com` would be two people. nodemailer turns line breaks
 * in headers into spaces, so that no header can be added.
 */
async function compose({ to, subject, text, html }: Mail, id: string, from: Sender): Promise<Buffer> {
  const messageId = `<${id}.continuity@${from.address.split('@')[1] ?? 'localhost'}>`;
  const headers = { 'Auto-Submitted': 'auto-generated' };
  const { message } = await transport.sendMail({
    from,
    to: { name: '', address: to },
    subject,
    text,
    html,
    messageId,
    headers,
  });
  if (!Buffer.isBuffer(message)) throw new Error('nodemailer gave no bytes');
  return message;
}

/** Under its name only once it is whole and on disk. */
async function store(folder: string, name: string, message: Buffer): Promise<void> {
  const draft = join(folder, `.${name}.${randomBytes(4).toString('hex')}`);
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(message);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, join(folder, name));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(folder);
}
