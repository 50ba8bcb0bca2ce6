import { randomBytes } from 'node:crypto';
import { setSecret } from '../../src/integrations/actions.ts';
import { hmac, stripeSignature } from '../../src/testing/webhooks.ts';
import { bodyPurpose } from '../../src/webhooks/receive.ts';
import type { Vendor } from '../../src/webhooks/vendors.ts';
import { type Tenant, unique, type World } from '../world.ts';
import { byCode } from './generic.ts';
import type { Case, Happy, Plan, Recipe, Recipes } from './plan.ts';

const TOPIC: Readonly<Record<string, string>> = { shopify: 'orders/paid', woocommerce: 'order.updated' };
const HEADER: Readonly<Record<string, string>> = {
  shopify: 'X-Shopify-Hmac-Sha256',
  woocommerce: 'X-WC-Webhook-Signature',
  fastspring: 'X-FS-Signature',
};

/** A post that the vendor signed with a secret that is new. */
async function signed({ deps }: World, { orgId, admin }: Tenant, vendor: Vendor, body: string): Promise<Plan> {
  const given = vendor === 'vibracartpro' ? undefined : randomBytes(24).toString('hex');
  const actor = { organisationId: orgId, userId: admin.userId };
  const secret = (await setSecret(deps.db, deps, actor, vendor, given)) ?? given ?? '';
  const params = { orgId };
  if (vendor === 'stripe') return { params, body, headers: { 'Stripe-Signature': stripeSignature(secret, body) } };
  if (vendor === 'vibracartpro') return { params, body, query: { secret } };
  const topic = { 'X-Shopify-Topic': TOPIC[vendor] ?? '', 'X-WC-Webhook-Topic': TOPIC[vendor] ?? '' };
  return { params, body, headers: { [HEADER[vendor] ?? '']: hmac(secret, body), ...topic } };
}

/** Something that changes nothing here. */
const report = () => JSON.stringify({ id: unique('evt'), type: 'customer.created', events: [] });

const tooMany = JSON.stringify({ events: Array.from({ length: 1001 }, () => 0) });

const OPERATIONS: readonly (readonly [string, Vendor])[] = [
  ['receiveStripeWebhook', 'stripe'],
  ['receiveOrganisationStripeWebhook', 'stripe'],
  ['receiveShopifyWebhook', 'shopify'],
  ['receiveWoocommerceWebhook', 'woocommerce'],
  ['receiveFastspringWebhook', 'fastspring'],
  ['receiveVibracartproWebhook', 'vibracartpro'],
];

/** What signs a body for the operation, as the vendor would. */
export const signers: Readonly<Record<string, (world: World, tenant: Tenant, body: string) => Promise<Plan>>> =
  Object.fromEntries(
    OPERATIONS.map(([id, vendor]) => [id, (world, tenant, body) => signed(world, tenant, vendor, body)]),
  );

const happy =
  (vendor: Vendor): Happy =>
  (world, tenant) =>
    signed(world, tenant, vendor, report());

const altered =
  (alter: (plan: Plan) => Plan): Recipe =>
  async ({ world, happy: succeed }: Case) =>
    alter(await succeed(world.main));

function special([id, vendor]: readonly [string, Vendor]): Record<string, Recipe | undefined> {
  const many = id !== 'receiveStripeWebhook';
  return {
    [`${id} 400 invalid_json`]: ({ world }) => signed(world, world.main, vendor, '{'),
    [`${id} 401`]: altered(({ headers: _signature, query: _secret, ...plan }) => plan),
    ...(many ? { [`${id} 404`]: altered((plan) => ({ ...plan, params: { orgId: 'a\0b' } })) } : {}),
    [`${id} 413`]: byCode.payload_too_large,
    [`${id} 415`]: byCode.unsupported_media_type,
    [`${id} 500`]: byCode.internal_server_error,
    [`${id} 503`]: byCode.unavailable,
  };
}

/** One that failed; `forgotten` where it was applied, and its bytes are gone since. */
async function freshDelivery({ deps }: World, { orgId }: Tenant, forgotten = false): Promise<string> {
  const id = deps.ids.next();
  const body = deps.vault.seal(Buffer.from(report()), bodyPurpose(orgId, 'stripe'));
  await deps.db
    .insertInto('webhook_deliveries')
    .values({
      id,
      organisation_id: orgId,
      vendor: 'stripe',
      event_id: unique('evt'),
      type: 'customer.created',
      body_sha256: randomBytes(32),
      sealed_body: forgotten ? null : body,
      status: forgotten ? 'applied' : 'failed',
    })
    .execute();
  return id;
}

/** A line of an order that waits for a mapping. */
async function waitingLine({ deps }: World, { orgId }: Tenant): Promise<string> {
  const [deliveryId, id] = [deps.ids.next(), deps.ids.next()];
  const [vendor, orderId] = ['shopify', unique('order')];
  await deps.db
    .insertInto('webhook_deliveries')
    .values({
      id: deliveryId,
      organisation_id: orgId,
      vendor,
      event_id: unique('evt'),
      type: 'orders/paid',
      body_sha256: randomBytes(32),
      sealed_body: Buffer.alloc(1),
      status: 'unmapped',
    })
    .execute();
  await deps.db
    .insertInto('order_lines')
    .values({
      id,
      organisation_id: orgId,
      vendor,
      order_id: orderId,
      line_key: '808950810',
      delivery_id: deliveryId,
      external_ids: ['808950810'],
      reason: 'no_mapping',
      customer_email: 'customer@example.com',
      purchased_at: new Date(),
    })
    .execute();
  return id;
}

const listed: Happy = async (world, tenant) => {
  await waitingLine(world, tenant);
  return {};
};

export const webhooks: Recipes = {
  happy: {
    ...Object.fromEntries(OPERATIONS.map(([id, vendor]) => [id, happy(vendor)])),
    listWebhookDeliveries: listed,
    listUnmappedLines: listed,
    replayWebhookDelivery: async (world, tenant) => ({ params: { deliveryId: await freshDelivery(world, tenant) } }),
    replayUnmappedLine: async (world, tenant) => ({ params: { lineId: await waitingLine(world, tenant) } }),
  },
  special: {
    ...(Object.assign({}, ...OPERATIONS.map(special)) as Record<string, Recipe>),
    'receiveFastspringWebhook 400 invalid_format': ({ world }) => signed(world, world.main, 'fastspring', tooMany),
    'replayWebhookDelivery 409': async ({ world }) => ({
      params: { deliveryId: await freshDelivery(world, world.main, true) },
    }),
  },
};
