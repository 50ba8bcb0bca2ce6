import { createHmac } from 'node:crypto';
import { Logger, runOnce } from 'graphile-worker';
import type { Deps } from '../deps.ts';
import { webhookTasks } from '../tasks/worker.ts';

/** Applies what is queued; answers what failed. */
export async function applyWebhooks({ deps }: { deps: Deps }, concurrency = 1): Promise<string[]> {
  const failures: string[] = [];
  await runOnce({
    connectionString: deps.config.databaseUrl ?? '',
    noHandleSignals: true,
    concurrency,
    logger: new Logger(() => (level, message) => {
      if (level === 'error') failures.push(message);
    }),
    taskList: webhookTasks(deps),
  });
  return failures;
}

export const hmac = (secret: string, body: string | Buffer, encoding: 'base64' | 'hex' = 'base64'): string =>
  createHmac('sha256', secret).update(body).digest(encoding);

/** docs.stripe.com/webhooks/signature, "Verify manually". */
export function stripeSignature(secret: string, body: string | Buffer, at = Math.floor(Date.now() / 1000)): string {
  return `t=${at},v1=${hmac(secret, `${at}.${body.toString()}`, 'hex')}`;
}
