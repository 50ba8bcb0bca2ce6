import { inTransaction } from '../../src/db/transaction.ts';
import { ensurePurchase } from '../../src/purchases/queries.ts';
import { freshProduct, type Tenant, unique, type World } from '../world.ts';
import type { Happy, Recipes } from './plan.ts';

const CUSTOMER = 'customer@example.com';

/** A purchase of the tenant's published product, unless another is named. */
export async function freshPurchase(
  { deps }: World,
  { orgId, base }: Tenant,
  productId = base.product,
  customerEmail = CUSTOMER,
) {
  const purchase = { id: deps.ids.next(), productId, customerEmail, orderId: unique('order') };
  await inTransaction(deps.db, (tx) => ensurePurchase(tx, orgId, purchase));
  return purchase;
}

const onPurchase: Happy = async (world, tenant) => ({
  params: { purchaseId: (await freshPurchase(world, tenant)).id },
});

export const purchases: Recipes = {
  happy: {
    listPurchases: async (world, tenant) => {
      await freshPurchase(world, tenant);
      return {};
    },
    createPurchase: (_world, { base }) => ({
      json: { productId: base.product, customerEmail: CUSTOMER, orderId: unique('order'), sendEmail: true },
    }),
    getPurchase: onPurchase,
    refundPurchase: onPurchase,
    resendPurchaseEmail: onPurchase,
  },
  special: {
    'createPurchase 409 already_exists': async ({ world, happy }) => {
      const { orderId } = await freshPurchase(world, world.main);
      const { json } = await happy(world.main);
      return { json: { ...json, orderId } };
    },
    'createPurchase 409 conflict': async ({ world, happy }) => {
      const { json } = await happy(world.main);
      return { json: { ...json, productId: await freshProduct(world, world.main) } };
    },
    'resendPurchaseEmail 400 invalid_format': async ({ world, happy }) => ({
      ...(await happy(world.main)),
      headers: { 'Idempotency-Key': 'x'.repeat(256) },
    }),
    'resendPurchaseEmail 409 conflict': async ({ world }) => {
      const { id } = await freshPurchase(world, world.main, await freshProduct(world, world.main));
      return { params: { purchaseId: id } };
    },
    'resendPurchaseEmail 409 idempotency_key_reused': async ({ world, happy }) => {
      const headers = { 'Idempotency-Key': unique('key') };
      const { id } = await freshPurchase(world, world.main);
      const as = world.main.admin.apiKey;
      await world.server.client.post(`/api/purchases/${id}/resend_email`, { as, headers });
      return { ...(await happy(world.main)), headers };
    },
  },
};
