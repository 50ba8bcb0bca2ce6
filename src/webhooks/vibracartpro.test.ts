import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixture, openSeller, type Seller } from '../testing/seller.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { parseExact } from './payload.ts';
import { changeOf } from './vibracartpro.ts';

let server: TestServer;
let seller: Seller;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
describe('Vibracart Pro', () => {
  beforeEach(async () => {
    seller = await openSeller(server);
  });

  const renew = async () => {
    const { json } = await server.client.put('/api/integrations/vibracartpro', { as: seller.own.apiKey, json: {} });
    return json.webhookUrl as string;
  };
  const call = async (url: string, body = fixture('vibracartpro_order')) =>
    (await seller.post(url.slice(server.url.length), body, {})).status;

  it('calls a URL that stops working when another is made', async () => {
    await seller.map('vibracartpro', 'epic-drums-001');
    const first = await renew();
    expect(await call(first)).toBe(200);
    await seller.apply();
    expect(await seller.purchases()).toMatchObject([{ orderId: 'V-1001', amount: 3900, currency: 'GBP' }]);
    const second = await renew();
    expect([await call(first), await call(second)]).toEqual([401, 200]);
    expect(await call(first.split('?')[0] ?? '')).toBe(401);
    const as = seller.own.apiKey;
    const { json } = await server.client.get('/api/integrations', { as });
    expect(JSON.stringify(json)).not.toContain('secret=');
    expect((await seller.set('vibracartpro')).status).toBe(400);
  });

  it('keeps an item without an id until its name is mapped', async () => {
    const url = await renew();
    const order = fixture('vibracartpro_order', ({ items }) =>
      Object.assign(items[0], { itemid: '', itemname: 'Drums' }),
    );
    await call(url, order);
    await seller.apply();
    expect(await seller.unmapped()).toMatchObject([{ externalIds: ['Drums'], reason: 'no_mapping' }]);
    await seller.map('vibracartpro', 'Drums');
    await seller.apply();
    expect([await seller.unmapped(), (await seller.purchases()).length]).toEqual([[], 1]);
  });

  it('sends an order again, with another status, and it is one', async () => {
    await seller.map('vibracartpro', 'epic-drums-001');
    const url = await renew();
    const order = (status: string) => fixture('vibracartpro_order', (o) => (o.status = status));
    for (const status of ['Pending', 'Completed', 'Processed']) await call(url, order(status));
    await seller.apply();
    expect((await seller.purchases()).map(({ status }) => status)).toEqual(['paid']);
    for (const status of ['Refunded', 'Completed again']) await call(url, order(status));
    await seller.apply();
    expect((await seller.purchases()).map(({ status }) => status)).toEqual(['refunded']);
  });
});

describe('what Vibracart Pro says', () => {
  it.each<[string, object, number | null]>([
    ['a price', {}, 3900],
    ['the price of three', { quantity: '3' }, 11_700],
    ['the price of all of them', { quantity: '3', itemtotal: '100.00' }, 10_000],
    ['none', { itemprice: 'free' }, null],
  ])('of a line names %s', (_name, more, amount) => {
    const body = fixture('vibracartpro_order', ({ items }) => Object.assign(items[0], more));
    expect(changeOf(parseExact(body), 'order', 'hash')).toMatchObject({ lines: [{ amount }] });
  });

  it('of items without an id is told by their names, or by where they stand', () => {
    const items = [{ itemname: 'Drums', itemid: '' }, { name: 'Drums' }, { itemprice: '5' }];
    const found = changeOf(parseExact(JSON.stringify({ orderid: '7', items })), 'order', 'hash');
    expect(found).toMatchObject({
      lines: [
        { key: 'Drums', externalIds: ['Drums'], title: 'Drums' },
        { key: 'Drums', externalIds: ['Drums'] },
        { key: '#3', externalIds: [] },
      ],
    });
  });

  it('of an order of one item may be flat', () => {
    const body = { orderid: 7, itemid: 'a', email: 'v@example.com', currency: 'GBP', itemprice: '2.50' };
    expect(changeOf(parseExact(JSON.stringify(body)), 'order', 'hash')).toMatchObject({
      references: ['7'],
      lines: [{ externalIds: ['a'], amount: 250 }],
    });
  });
});
