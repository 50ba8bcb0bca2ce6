import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mint } from '../testing/mint.ts';
import { createProductPair, type ProductPair } from '../testing/product_pair.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let pair: ProductPair;
beforeAll(async () => {
  server = await startTestServer();
  pair = await createProductPair(server);
});
afterAll(() => server.stop());

const create = async (orderId: string): Promise<string> => {
  const json = { productId: pair.product, customerEmail: 'buyer@example.com', orderId };
  return (await server.client.post('/api/purchases', { as: pair.own.apiKey, json })).json.id;
};
const refund = (id: string, as = pair.own) => server.client.post(`/api/purchases/${id}/refund`, { as: as.apiKey });
const download = (token: string) => server.client.get('/download', { query: { token } });
const tokensOf = (purchaseId: string) =>
  server.deps.db.selectFrom('download_tokens').selectAll().where('purchase_id', '=', purchaseId).execute();
const refundsOf = async (purchaseId: string) => {
  const rows = await server.deps.db.selectFrom('events').selectAll().where('type', '=', 'purchase.refunded').execute();
  return rows.filter(({ data }) => (data as { purchase_id?: string }).purchase_id === purchaseId);
};

describe('a refund', () => {
  it('ends the links of the purchase, and no others', async () => {
    const [id, otherId] = [await create('o-refund'), await create('o-kept')];
    const tokens = [
      await mint(server, pair.own, pair.product, { purchaseId: id }),
      await mint(server, pair.own, pair.product, { customerEmail: 'buyer@example.com', orderId: 'o-refund' }),
    ];
    const kept = await mint(server, pair.own, pair.product, { purchaseId: otherId });
    const { status, json } = await refund(id);
    expect([status, json.status]).toEqual([200, 'refunded']);
    expect(json.refundedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    for (const token of tokens) {
      const refused = await download(token);
      expect([refused.status, refused.json]).toEqual([410, { error: { token: ['revoked'] } }]);
    }
    expect((await download(kept)).status).toBe(200);
    expect(await refundsOf(id)).toMatchObject([
      { user_id: pair.own.userId, data: { purchase_id: id, product_id: pair.product, revoked_tokens: 2 } },
    ]);
  });

  it('twice, also at once, changes nothing more', async () => {
    const id = await create('o-twice');
    await mint(server, pair.own, pair.product, { purchaseId: id });
    const answers = await Promise.all(Array.from({ length: 10 }, () => refund(id)));
    const [token] = await tokensOf(id);
    const last = await refund(id);
    for (const { status, json } of answers) expect([status, json]).toEqual([200, last.json]);
    expect(await tokensOf(id)).toEqual([token]);
    expect(await refundsOf(id)).toHaveLength(1);
  });

  it('of somebody else’s purchase changes nothing', async () => {
    const id = await create('o-not-theirs');
    const refused = await refund(id, pair.foreign);
    expect([refused.status, refused.json]).toEqual([404, { error: { purchaseId: ['not_found'] } }]);
    const { json } = await server.client.get(`/api/purchases/${id}`, { as: pair.own.apiKey });
    expect(json.status).toBe('paid');
  });

  it('keeps the order from being recorded or minted for again', async () => {
    const id = await create('o-over');
    await refund(id);
    const json = { productId: pair.product, customerEmail: 'buyer@example.com', orderId: 'o-over' };
    expect((await server.client.post('/api/purchases', { as: pair.own.apiKey, json })).status).toBe(409);
    for (const more of [{ purchaseId: id }, json])
      expect(
        (
          await server.client.post('/api/generate-download-url', {
            as: pair.own.apiKey,
            json: { productId: pair.product, ...more },
          })
        ).status,
      ).toBe(404);
  });

  it.each([
    ['by its id', (id: string) => ({ purchaseId: id })],
    ['by its order', (_id: string, order: string) => ({ customerEmail: 'buyer@example.com', orderId: order })],
  ])('while links are minted %s leaves none alive', async (_how, more) => {
    for (let round = 0; round < 5; round++) {
      const order = `o-race-${_how}-${round}`;
      const id = await create(order);
      const json = { productId: pair.product, ...more(id, order) };
      const minting = () => server.client.post('/api/generate-download-url', { as: pair.own.apiKey, json });
      const answers = await Promise.all([minting(), minting(), refund(id), minting(), minting(), minting()]);
      for (const { status } of answers) expect([200, 404]).toContain(status);
      const alive = (await tokensOf(id)).filter(({ revoked_at }) => revoked_at === null);
      expect(alive).toEqual([]);
    }
  });
});
