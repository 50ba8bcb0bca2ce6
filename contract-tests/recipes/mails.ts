import { inTransaction } from '../../src/db/transaction.ts';
import { findMail, insertMails, markInVain, markSent } from '../../src/mail/queries.ts';
import { sealJob } from '../../src/tasks/sealed.ts';
import type { Tenant, World } from '../world.ts';
import type { Happy, Recipes } from './plan.ts';

/** A mail that was given up, or sent. */
async function freshMail({ deps }: World, { orgId }: Tenant, state: 'failed' | 'sent' = 'failed') {
  const id = deps.ids.next();
  const payload = sealJob(deps, 'mail_purchases', { id, organisationId: orgId, links: [] });
  const about = { organisationId: orgId, kind: 'purchase', recipient: 'a@example.com', purchaseIds: [] } as const;
  await inTransaction(deps.db, async (tx) => {
    await insertMails(tx, [{ ...about, id, task: 'mail_purchases', payload }]);
    const mail = await findMail(tx, orgId, id);
    if (!mail) throw new Error('the mail was not stored');
    await (state === 'sent' ? markSent(tx, mail) : markInVain(tx, mail, '550 no such user', true));
  });
  return id;
}

const onMail: Happy = async (world, tenant) => ({ params: { mailId: await freshMail(world, tenant) } });

export const mails: Recipes = {
  happy: {
    listMails: async (world, tenant) => {
      await freshMail(world, tenant);
      return {};
    },
    getMail: onMail,
    retryMail: onMail,
  },
  special: {
    'retryMail 409 conflict': async ({ world }) => ({ params: { mailId: await freshMail(world, world.main, 'sent') } }),
  },
};
