import type { Deps } from '../deps.ts';
import { deliver, type DeliveryDeps, type Try } from '../mail/delivery.ts';
import { openSealed, type Sealed } from '../tasks/sealed.ts';
import { CODE_TASK, type CodeOrder } from './ask_code.ts';
import { codeMail } from './mail.ts';
import { hasPurchases } from './purchase_queries.ts';

type MailDeps = DeliveryDeps & Pick<Deps, 'vault' | 'clock' | 'config'>;

/**
 * The worker's part: mails code and link where something was bought under the address, and does nothing else. Strangers
 * are not written to, and nobody gets a code that has expired while the mail server was away.
 */
export async function mailCode(deps: MailDeps, payload: Sealed, job: Try): Promise<void> {
  const { id, email, code, token, expiresAt } = openSealed(deps, CODE_TASK, payload) as CodeOrder;
  await deliver(deps, { id, organisationId: undefined }, job, async () => {
    if (new Date(expiresAt) <= deps.clock() || !(await hasPurchases(deps.db, email))) return undefined;
    return codeMail({ email, code, link: `${deps.config.publicUrl}/my/link?token=${token}` });
  });
}
