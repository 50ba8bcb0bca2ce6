import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProductPair, type ProductPair } from '../testing/product_pair.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

const NOW = new Date('2026-05-05T12:00:00.000Z');

let server: TestServer;
let pair: ProductPair;
beforeAll(async () => {
  server = await startTestServer({ deps: (real) => ({ ...real, clock: () => NOW }) });
  pair = await createProductPair(server);
});
afterAll(() => server.stop());

const sale = (more: object = {}) => ({ productId: pair.product, customerEmail: 'buyer@example.com', ...more });
const create = (more: object = {}, as = pair.own, headers: Record<string, string> = {}) =>
  server.client.post('/api/purchases', { as: as.apiKey, json: sale(more), headers });
const count = async () => {
  const { n } = await server.deps.db
    .selectFrom('purchases')
    .select(({ fn }) => fn.countAll<string>().as('n'))
    .executeTakeFirstOrThrow();
  return Number(n);
};
const eventsOf = async (purchaseId: string) => {
  const rows = await server.deps.db.selectFrom('events').selectAll().where('type', '=', 'purchase.created').execute();
  return rows.filter(({ data }) => (data as { purchase_id?: string }).purchase_id === purchaseId);
};

describe('recording a purchase', () => {
  it('keeps all that it was told, and says where it is', async () => {
    const more = { customerName: 'Zoë "Z" \\ <b>', orderId: 'o-1', amount: 4990, currency: 'EUR' };
    const purchasedAt = '2026-04-01T02:00:00+02:00';
    const { status, headers, json } = await create({ ...more, purchasedAt, customerEmail: 'Buyer@Example.COM' });
    const { id, ...rest } = json;
    expect([status, headers['location']]).toEqual([201, `${server.url}/api/purchases/${id}`]);
    expect(rest).toEqual({
      productId: pair.product,
      customerEmail: 'buyer@example.com',
      ...more,
      source: 'api',
      status: 'paid',
      purchasedAt: '2026-04-01T00:00:00.000Z',
    });
    const got = await server.client.get(`/api/purchases/${id}`, { as: pair.own.apiKey });
    expect([got.status, got.json]).toEqual([200, json]);
    const [event, ...others] = await eventsOf(id);
    expect(event).toMatchObject({
      organisation_id: pair.own.orgId,
      user_id: pair.own.userId,
      data: { purchase_id: id, product_id: pair.product, source: 'api', order_id: 'o-1' },
    });
    expect(others).toEqual([]);
  });

  it('needs only the product and the customer: the order is then the purchase’s own', async () => {
    const { json } = await create();
    const expected = { orderId: json.id, status: 'paid', purchasedAt: NOW.toISOString() };
    expect(json).toMatchObject(expected);
    expect(Object.keys(json).filter((key) => /Name|amount|currency|refunded/.test(key))).toEqual([]);
    expect((await create()).status).toBe(201);
  });

  it('takes what was free, and an amount as large as a document can say', async () => {
    for (const amount of [0, Number.MAX_SAFE_INTEGER])
      expect((await create({ amount, currency: 'JPY' })).json).toMatchObject({ amount, currency: 'JPY' });
  });

  it('takes a clock that is a little ahead for ours', async () => {
    expect((await create({ purchasedAt: '2026-05-05T12:00:59Z' })).json.purchasedAt).toBe(NOW.toISOString());
  });

  it.each<[object, object]>([
    [{ amount: 100 }, { currency: ['is_blank'] }],
    [{ currency: 'EUR' }, { amount: ['is_blank'] }],
    [
      { amount: 100, purchasedAt: '2030-01-01T00:00:00Z' },
      { currency: ['is_blank'], purchasedAt: ['invalid_format'] },
    ],
    [{ purchasedAt: '2026-05-05T12:01:01Z' }, { purchasedAt: ['invalid_format'] }],
    [{ purchasedAt: '1969-12-31T23:59:59Z' }, { purchasedAt: ['invalid_format'] }],
    [{ purchasedAt: '2016-12-31T23:59:60Z' }, { purchasedAt: ['invalid_format'] }],
    [{ purchasedAt: '2026-02-30T00:00:00Z' }, { purchasedAt: ['invalid_format'] }],
    [{ purchasedAt: '2026-05-05' }, { purchasedAt: ['invalid_format'] }],
    [{ amount: -1, currency: 'EUR' }, { amount: ['invalid_format'] }],
    [{ amount: 1.5, currency: 'EUR' }, { amount: ['invalid_format'] }],
    [{ amount: '100', currency: 'EUR' }, { amount: ['invalid_format'] }],
    [{ amount: 2 ** 53, currency: 'EUR' }, { amount: ['invalid_format'] }],
    [{ amount: 1, currency: 'eur' }, { currency: ['invalid_format'] }],
    [{ amount: 1, currency: 'EURO' }, { currency: ['invalid_format'] }],
    [{ orderId: '' }, { orderId: ['is_blank'] }],
    [{ orderId: 'x'.repeat(201) }, { orderId: ['invalid_format'] }],
    [{ customerName: 'a\0b' }, { customerName: ['invalid_format'] }],
    [{ customerEmail: 'nobody' }, { customerEmail: ['invalid_format'] }],
    [{ status: 'refunded' }, { status: ['unknown_field'] }],
  ])('refuses %j, and records nothing', async (more, error) => {
    const before = await count();
    const { status, json } = await create(more);
    expect([status, json]).toEqual([400, { error }]);
    expect(await count()).toBe(before);
  });

  it('knows no product of another organisation', async () => {
    const other = await server.publishSmall(pair.foreign);
    for (const productId of [other.product, 'nowhere']) {
      const { status, json } = await create({ productId });
      expect([status, json]).toEqual([404, { error: { productId: ['not_found'] } }]);
    }
  });

  it('records the sale of a product that is a draft or off sale by now', async () => {
    const slug = 'draft';
    await server.client.post('/api/products', { as: pair.own.apiKey, json: { slug, name: slug } });
    expect((await create({ productId: slug })).status).toBe(201);
    await server.client.post(`/api/products/${slug}/archive`, { as: pair.own.apiKey });
    expect((await create({ productId: slug })).status).toBe(201);
  });
});

describe('an order', () => {
  it('holds a product once, whoever sends it again', async () => {
    await create({ orderId: 'o-once' });
    for (const customerEmail of ['buyer@example.com', 'other@example.com']) {
      const { status, json } = await create({ orderId: 'o-once', customerEmail });
      expect([status, json]).toEqual([409, { error: { orderId: ['already_exists'] } }]);
    }
  });

  it('holds several products, and is another in another organisation', async () => {
    const other = await server.publishSmall(pair.own);
    const [first, second, theirs] = [
      await create({ orderId: 'o-bundle' }),
      await create({ orderId: 'o-bundle', productId: other.product }),
      await create({ orderId: 'o-bundle' }, pair.foreign),
    ];
    expect([first.status, second.status, theirs.status]).toEqual([201, 201, 201]);
  });

  it('of fifty equal requests at once is recorded once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => create({ orderId: 'o-race' })));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 49 }, () => 409)]);
    const rows = await server.deps.db.selectFrom('purchases').select('id').where('order_id', '=', 'o-race').execute();
    expect(rows).toHaveLength(1);
    expect(await eventsOf(rows[0]?.id ?? '')).toHaveLength(1);
  });

  it('that is recorded is the one that a link is minted for, and the other way round', async () => {
    const mint = (orderId: string) =>
      server.client.post('/api/generate-download-url', { as: pair.own.apiKey, json: sale({ orderId }) });
    const { json } = await create({ orderId: 'o-then-mint' });
    expect((await mint('o-then-mint')).status).toBe(200);
    const [token] = (await server.client.get('/api/downloads/tokens', { as: pair.own.apiKey })).json;
    expect(token.purchaseId).toBe(json.id);
    await mint('o-mint-first');
    expect((await create({ orderId: 'o-mint-first' })).status).toBe(409);
    const { id } = await server.deps.db
      .selectFrom('purchases')
      .select('id')
      .where('order_id', '=', 'o-mint-first')
      .executeTakeFirstOrThrow();
    await mint('o-mint-first');
    expect(await eventsOf(id)).toHaveLength(1);
  });

  it('is answered again, and not recorded again, under the same Idempotency-Key', async () => {
    const send = () => create({ orderId: 'o-key' }, pair.own, { 'Idempotency-Key': 'k-1' });
    const [first, again] = [await send(), await send()];
    expect([first.status, again.status, again.json]).toEqual([201, 201, first.json]);
  });
});

describe('a purchase', () => {
  it('of another organisation is not there', async () => {
    const { json } = await create({ orderId: 'o-foreign' }, pair.foreign);
    for (const id of [json.id, '1', '0', 'x', '99999999999999999999', '%00']) {
      const ask = { as: pair.own.apiKey };
      const notFound = [404, ['not_found']];
      for (const answer of [
        await server.client.get(`/api/purchases/${id}`, ask),
        await server.client.post(`/api/purchases/${id}/refund`, ask),
        await server.client.post(`/api/purchases/${id}/resend_email`, ask),
      ])
        expect([answer.status, Object.values(answer.json.error)[0]]).toEqual(notFound);
    }
    const theirs = await server.client.get(`/api/purchases/${json.id}`, { as: pair.foreign.apiKey });
    expect(theirs.json).toEqual(json);
  });
});
