import { Logger, runOnce } from 'graphile-worker';
import type { Deps } from '../deps.ts';
import type { Mail } from '../mail/mail.ts';
import { mailTasks } from '../tasks/worker.ts';

const sent = new WeakMap<Deps['db'], Mail[]>();

/** Does the queued jobs that send mail, and answers every message that was sent so far, oldest first. */
export async function sentMail({ deps }: { deps: Deps }): Promise<readonly Mail[]> {
  const mails = sent.get(deps.db) ?? [];
  sent.set(deps.db, mails);
  const mailer: Deps['mailer'] = {
    send: async (mail) => {
      mails.push(mail);
    },
  };
  const failures: unknown[] = [];
  await runOnce({
    connectionString: deps.config.databaseUrl ?? '',
    noHandleSignals: true,
    concurrency: 1,
    logger: new Logger(() => (level, message) => {
      if (level === 'error') failures.push(message);
    }),
    taskList: mailTasks({ ...deps, mailer }),
  });
  if (failures.length > 0) throw new Error(`a job failed: ${failures.join('; ')}`);
  return mails;
}

/** The link that a message brings, as path and query. */
export function linkIn({ text }: Mail): string {
  const [link] = /https?:\/\/\S+/.exec(text) ?? [];
  if (link === undefined) throw new Error(`no link in: ${text}`);
  const { pathname, search } = new URL(link);
  return pathname + search;
}
