import type { Insertable } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { mapItem } from '../../src/external_mappings/actions.ts';
import { setSecret } from '../../src/integrations/actions.ts';
import type { NewAccount } from '../../src/organisations/actions.ts';
import type { TestServer } from '../../src/testing/serve_on.ts';

const HOUR = 60 * 60 * 1000;

type Report = Pick<Insertable<DB['webhook_deliveries']>, 'vendor' | 'type' | 'event_id' | 'status'> & {
  readonly error?: string;
};

const REPORTS: readonly Report[] = [
  { vendor: 'stripe', type: 'checkout.session.completed', event_id: 'evt_1NG8Du2eZvKYlo2CUI79vXWy', status: 'applied' },
  { vendor: 'stripe', type: 'customer.subscription.trial_will_end', event_id: 'evt_1NG8Du2eZvKYlo', status: 'ignored' },
  {
    ...{ vendor: 'shopify', type: 'orders/paid', event_id: '98880550-7158-44d4-b7cd-2c97c8a091b5', status: 'failed' },
    error: 'Error: 1000000000000000000000 is no amount in EUR',
  },
  {
    ...{ vendor: 'vibracartpro', type: 'order', status: 'applied' },
    event_id: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    error: 'the currency "Euros" is not one of ISO 4217, so the amount was left out',
  },
  { vendor: 'woocommerce', type: 'order.updated', event_id: '1', status: 'received' },
];

/** Reports of sales in every state, lines that no product is known for, and mails that went out, wait and failed. */
export async function pastSales(server: TestServer, account: NewAccount, product: string): Promise<void> {
  const actor = { organisationId: account.orgId, userId: account.userId };
  await setSecret(server.deps.db, server.deps, actor, 'stripe', 'whsec_0123456789');
  await setSecret(server.deps.db, server.deps, actor, 'stripe', 'whsec_9876543210');
  await setSecret(server.deps.db, server.deps, actor, 'vibracartpro', undefined);
  for (const [n, report] of REPORTS.entries()) await receive(server, account, report, n);
  await waitingLines(server, account);
  await mapItem(server.deps.db, server.deps, actor, product, {
    vendor: 'stripe',
    externalId: 'plink_1NG8Du2eZvKYlo2C',
  });
  const path = '/ambient-pads-and-evolving-textures-deluxe-edition-2026-remaster-with-bonus-content';
  await mapItem(server.deps.db, server.deps, actor, product, { vendor: 'fastspring', externalId: path });
  await pastMails(server, account);
}

async function receive({ deps }: TestServer, { orgId }: NewAccount, report: Report, hoursAgo: number): Promise<string> {
  const id = deps.ids.next();
  const received_at = new Date(Date.now() - hoursAgo * HOUR);
  const bytes = { body_sha256: Buffer.from(id.padStart(32, '0')), sealed_body: Buffer.alloc(0) };
  await deps.db
    .insertInto('webhook_deliveries')
    .values({ id, organisation_id: orgId, ...report, ...bytes, received_at })
    .execute();
  return id;
}

async function waitingLines(server: TestServer, account: NewAccount): Promise<void> {
  const { deps } = server;
  const lines = [
    { name: 'Epic Drums – Lifetime licence', external_ids: ['prod_NG8Du2', 'price_1NG8Du'], customer_email: LONGEST },
    { name: null, external_ids: ['49148385'], customer_email: 'jon@example.com', vendor: 'shopify' },
    { name: 'Epic Drums', external_ids: ['epic'], customer_email: null, reason: 'no_email', vendor: 'vibracartpro' },
  ];
  for (const [n, line] of lines.entries()) {
    const vendor = line.vendor ?? 'stripe';
    const report = { vendor, type: 'order', event_id: `unmapped-${n}`, status: 'unmapped' };
    const id = await receive(server, account, report, 20 + n);
    const order = { order_id: `cs_live_a1b2c3d4e5f6g7h8i9j0k${n}`, line_key: '0', delivery_id: id };
    const purchased_at = new Date(Date.now() - n * HOUR);
    await deps.db
      .insertInto('order_lines')
      .values({
        ...{ id: deps.ids.next(), organisation_id: account.orgId, vendor, reason: 'no_mapping', purchased_at },
        ...order,
        ...line,
      })
      .execute();
  }
}

const LONGEST = 'averyveryverylongmailboxname.with-many-parts@mail.department.averylongdomainname.example';

async function pastMails({ deps }: TestServer, { orgId }: NewAccount): Promise<void> {
  const error = "Can't send mail - all recipients were rejected: 550 5.1.1 <jon@example.com>: no such user";
  const mails = [
    { kind: 'purchase', recipient: 'ada@example.com', state: 'sent', attempts: 1 },
    { kind: 'purchase', recipient: 'jon@example.com', state: 'failed', attempts: 1, error },
    { kind: 'announcement', recipient: LONGEST, state: 'waiting', attempts: 0 },
    { kind: 'purchase', recipient: 'eve@example.com', state: 'waiting', attempts: 4, error: 'connect ECONNREFUSED' },
    { kind: 'announcement', recipient: 'tom@example.com', state: 'failed', attempts: 20, error: 'connect ETIMEDOUT' },
    { kind: 'announcement', recipient: 'max@example.com', state: 'skipped', attempts: 0, reason: 'unsubscribed' },
  ];
  for (const mail of mails)
    await deps.db
      .insertInto('mails')
      .values({ id: deps.ids.next(), organisation_id: orgId, task: 'mail_purchases', payload: '{}', ...mail })
      .execute();
}
