import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { findPurchase } from '../purchases/queries.ts';
import { createProductPair, type ProductPair } from '../testing/product_pair.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let pair: ProductPair;
let own: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  pair = await createProductPair(server);
  own = pair.own;
});
afterAll(() => server.stop());

const mint = (more: object, as = own) =>
  server.client.post('/api/generate-download-url', { as: as.apiKey, json: { productId: pair.product, ...more } });
const purchases = (orgId = own.orgId) =>
  server.deps.db
    .selectFrom('purchases')
    .selectAll()
    .where('organisation_id', '=', orgId)
    .orderBy('id', 'desc')
    .execute();
const newestToken = async (orgId = own.orgId) =>
  server.deps.db
    .selectFrom('download_tokens')
    .selectAll()
    .where('organisation_id', '=', orgId)
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();

describe('minting for a named customer', () => {
  it('records the purchase, so that the customer finds it again', async () => {
    expect((await mint({ customerEmail: 'Buyer@Example.COM', orderId: 'o-1' })).status).toBe(200);
    const [purchase] = await purchases();
    expect(purchase).toMatchObject({
      product_id: pair.product,
      customer_email: 'buyer@example.com',
      source: 'api',
      order_id: 'o-1',
      status: 'paid',
    });
    expect(await newestToken()).toMatchObject({
      purchase_id: purchase?.id,
      customer_email: 'buyer@example.com',
      order_id: 'o-1',
    });
  });

  it('records it once for an order, however often a link is minted', async () => {
    const more = { customerEmail: 'again@example.com', orderId: 'o-again' };
    await Promise.all([mint(more), mint(more), mint(more)]);
    await mint(more);
    const rows = (await purchases()).filter(({ order_id }) => order_id === 'o-again');
    expect(rows).toHaveLength(1);
    expect((await newestToken()).purchase_id).toBe(rows[0]?.id);
  });

  it('records each sale without an order number as one of its own', async () => {
    const before = (await purchases()).length;
    await mint({ customerEmail: 'walk-in@example.com' });
    await mint({ customerEmail: 'walk-in@example.com' });
    expect((await purchases()).length).toBe(before + 2);
  });

  it('records nothing without an address', async () => {
    const before = (await purchases()).length;
    await mint({ orderId: 'o-anonymous' });
    expect((await purchases()).length).toBe(before);
  });

  it.each([
    ['a version that is not there', { version: '9' }],
    ['a product that is not there', { productId: 'nowhere' }],
    ['an end in the past', { expiresAt: '2020-01-01T00:00:00Z' }],
  ])('records nothing when it is refused for %s', async (_name, more) => {
    const before = (await purchases()).length;
    const { status } = await mint({ customerEmail: 'never@example.com', orderId: 'o-never', ...more });
    expect(status).toBeGreaterThanOrEqual(400);
    expect((await purchases()).length).toBe(before);
  });

  it('mints nothing for an order of another customer', async () => {
    await mint({ customerEmail: 'first@example.com', orderId: 'o-first' });
    const refused = await mint({ customerEmail: 'second@example.com', orderId: 'o-first' });
    expect([refused.status, refused.json]).toEqual([409, { error: { orderId: ['conflict'] } }]);
    expect((await newestToken()).customer_email).toBe('first@example.com');
    expect((await mint({ customerEmail: 'FIRST@example.com', orderId: 'o-first' })).status).toBe(200);
  });

  it('mints nothing more for an order that was refunded', async () => {
    await mint({ customerEmail: 'refund@example.com', orderId: 'o-refund' });
    const { db } = server.deps;
    await db.updateTable('purchases').set({ status: 'refunded' }).where('order_id', '=', 'o-refund').execute();
    const [purchase] = (await purchases()).filter(({ order_id }) => order_id === 'o-refund');
    const byOrder = await mint({ customerEmail: 'refund@example.com', orderId: 'o-refund' });
    expect([byOrder.status, byOrder.json]).toEqual([404, { error: { orderId: ['not_found'] } }]);
    const byId = await mint({ purchaseId: purchase?.id });
    expect([byId.status, byId.json]).toEqual([404, { error: { purchaseId: ['not_found'] } }]);
  });
});

describe('minting for a purchase', () => {
  it('is bound to it, and records no other', async () => {
    await mint({ customerEmail: 'known@example.com', orderId: 'o-known' });
    const [purchase] = await purchases();
    const before = (await purchases()).length;
    expect((await mint({ purchaseId: purchase?.id, customerEmail: 'known@example.com' })).status).toBe(200);
    expect((await newestToken()).purchase_id).toBe(purchase?.id);
    expect((await purchases()).length).toBe(before);
  });

  it('knows it under the e-mail address of its customer only', async () => {
    await mint({ customerEmail: 'holder@example.com', orderId: 'o-holder' });
    const [purchase] = await purchases();
    const other = await mint({ purchaseId: purchase?.id, customerEmail: 'other@example.com' });
    expect([other.status, other.json]).toEqual([404, { error: { purchaseId: ['not_found'] } }]);
    expect((await mint({ purchaseId: purchase?.id, customerEmail: 'Holder@example.com' })).status).toBe(200);
  });

  it('names the product where that is what is not there', async () => {
    const { status, json } = await mint({ purchaseId: '1', productId: 'nowhere' });
    expect([status, json]).toEqual([404, { error: { productId: ['not_found'] } }]);
  });

  it('knows none of another product or another organisation, even under the same slug', async () => {
    await mint({ customerEmail: 'foreign@example.com', orderId: 'o-foreign' }, pair.foreign);
    await mint({ customerEmail: 'own@example.com', orderId: 'o-own' });
    const [theirs] = await purchases(pair.foreign.orgId);
    const [ours] = await purchases();
    const other = await server.publishSmall(own);
    const notFound = [404, { error: { purchaseId: ['not_found'] } }];
    for (const more of [
      { purchaseId: theirs?.id },
      { purchaseId: ours?.id, productId: other.product },
      { purchaseId: '1' },
      { purchaseId: '99999999999999999999' },
    ]) {
      const { status, json } = await mint(more);
      expect([status, json]).toEqual(notFound);
    }
    const { db } = server.deps;
    const id = ours?.id ?? '';
    expect(await findPurchase(db, own.orgId, id)).toMatchObject({ id, status: 'paid' });
    expect(await findPurchase(db, pair.foreign.orgId, id)).toBeUndefined();
  });

  it('the same order number in two organisations is two purchases', async () => {
    await mint({ customerEmail: 'one@example.com', orderId: 'shared-number' });
    await mint({ customerEmail: 'two@example.com', orderId: 'shared-number' }, pair.foreign);
    const rows = [...(await purchases()), ...(await purchases(pair.foreign.orgId))].filter(
      ({ order_id }) => order_id === 'shared-number',
    );
    expect(rows.map(({ customer_email }) => customer_email).sort()).toEqual(['one@example.com', 'two@example.com']);
  });
});
