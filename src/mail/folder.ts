import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { createFolderMaker, syncFolder } from '../blobs/disk.ts';
import type { Mail, Mailer } from './mail.ts';
import { messageOf, type Sender } from './message.ts';

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

const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

async function compose(mail: Mail, id: string, from: Sender): Promise<Buffer> {
  const { message } = await transport.sendMail(messageOf(mail, id, from));
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
