import { join } from 'node:path';
import type { Config } from '../config.ts';
import { createFolderMailer } from './folder.ts';
import type { Mailer } from './mail.ts';
import { senderOf } from './sender.ts';
import { createSmtpMailer } from './smtp.ts';

/** What the settings ask for: a mail server, or a folder. */
export function createMailer(config: Config): Mailer {
  const from = senderOf(config);
  if (config.smtpUrl !== undefined) return createSmtpMailer(config.smtpUrl, from);
  return createFolderMailer(join(config.dataDir, 'mail'), from);
}
