import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import type { Send } from '../testing/client.ts';
import { sentMail } from '../testing/mail.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { applyWebhooks, hmac, stripeSignature } from '../testing/webhooks.ts';

const FIXTURES = new URL('../../contract-tests/flows/fixtures/webhooks/', import.meta.url);
const fixture = (name: string): string => readFileSync(new URL(`${name}.json`, FIXTURES), 'utf8');
const SECRET = 'whsec_test_0123456789';

let server: TestServer;
let own: NewAccount;
/** Two products on sale. */
let drums: string;
let bass: string;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  own = await server.createAccount('admin');
  drums = (await server.publishSmall(own)).product;
  bass = (await server.publishSmall(own)).product;
});

const post = (path: string, body: string | Buffer, headers: Record<string, string>, options: Send = {}) =>
  server.client.post(path, { body, headers: { 'content-type': 'application/json', ...headers }, ...options });

const set = (vendor: string, secret = SECRET, as = own) =>
  server.client.put(`/api/integrations/${vendor}`, { as: as.apiKey, json: { secret } });

const map = (vendor: string, externalId: string, product = drums) =>
  server.client.post(`/api/products/${product}/external-mappings`, { as: own.apiKey, json: { vendor, externalId } });

const stripe = (event: object | string, secret = SECRET, path = `/webhooks/${own.orgId}/stripe`) => {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  return post(path, body, { 'stripe-signature': stripeSignature(secret, body) });
};
const shopify = (topic: string, body: string, id = `${Math.random()}`) =>
  post(`/webhooks/${own.orgId}/shopify`, body, {
    'x-shopify-topic': topic,
    'x-shopify-webhook-id': id,
    'x-shopify-hmac-sha256': hmac(SECRET, body),
  });
const woocommerce = (body: string) =>
  post(`/webhooks/${own.orgId}/woocommerce`, body, {
    'x-wc-webhook-topic': 'order.updated',
    'x-wc-webhook-delivery-id': `${Math.random()}`,
    'x-wc-webhook-signature': hmac(SECRET, body),
  });
const fastspring = (body: string) =>
  post(`/webhooks/${own.orgId}/fastspring`, body, { 'x-fs-signature': hmac(SECRET, body) });

const purchases = async () =>
  (await server.client.get('/api/purchases', { as: own.apiKey })).json as Record<string, unknown>[];
const list = async (what: 'deliveries' | 'unmapped') =>
  (await server.client.get(`/api/webhooks/${what}`, { as: own.apiKey })).json as Record<string, unknown>[];
const mailsTo = async (email: string) => (await sentMail(server)).filter(({ to }) => to === email);
const apply = async (concurrency = 1) => expect(await applyWebhooks(server, concurrency)).toEqual([]);

let sales = 0;
/** A sale with names of its own. */
function sale(more: object = {}, metadata: object = { continuata_product_id: drums }) {
  const n = ++sales;
  const object = {
    id: `cs_${n}`,
    payment_intent: `pi_${n}`,
    payment_status: 'paid',
    amount_total: 2198,
    currency: 'usd',
    created: 1679600215,
    customer_details: { email: `buyer${n}@example.com`, name: 'Jenny Rosen' },
    metadata,
    ...more,
  };
  return { id: `evt_${n}`, type: 'checkout.session.completed', data: { object } };
}
const buyerOf = ({ data }: ReturnType<typeof sale>) => data.object.customer_details.email;

describe('a Stripe event', () => {
  beforeEach(() => set('stripe'));

  it('sent 50 times at once is one purchase and one mail', async () => {
    const event = sale();
    const answers = await Promise.all(Array.from({ length: 50 }, () => stripe(event)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await apply(4);
    expect(await purchases()).toMatchObject([
      { source: 'stripe', orderId: event.data.object.payment_intent, amount: 2198, currency: 'USD', productId: drums },
    ]);
    expect(await list('deliveries')).toMatchObject([{ status: 'applied', eventId: event.id }]);
    expect(await mailsTo(buyerOf(event))).toHaveLength(1);
  });

  it.each([
    ['session first', [0, 1, 2]],
    ['intent first', [1, 0, 2]],
    ['invoice and intent first', [2, 1, 0]],
  ])('of each kind for one payment makes one purchase and one mail: %s', async (_name, order) => {
    const n = ++sales;
    const metadata = { continuata_product_id: drums };
    const [pi, inv, email] = [`pi_t${n}`, `in_t${n}`, `triple${n}@example.com`];
    const events = [
      sale({ payment_intent: pi, invoice: inv, customer_details: { email } }),
      {
        id: `evt_pi${n}`,
        type: 'payment_intent.succeeded',
        data: { object: { id: pi, amount_received: 2198, currency: 'usd', receipt_email: email, metadata } },
      },
      {
        id: `evt_in${n}`,
        type: 'invoice.payment_succeeded',
        data: {
          object: {
            id: inv,
            customer_email: email,
            currency: 'usd',
            lines: { data: [{ amount: 2198, currency: 'usd', quantity: 1, metadata }] },
          },
        },
      },
    ];
    for (const i of order) expect((await stripe(events[i] ?? {})).status).toBe(200);
    await apply(4);
    expect(await purchases()).toHaveLength(1);
    expect(await mailsTo(email)).toHaveLength(1);
  });

  it('refunds what it names, before or after the sale, and a replay undoes nothing', async () => {
    const refundOf = (event: ReturnType<typeof sale>) => ({
      id: `${event.id}_r`,
      type: 'charge.refunded',
      data: { object: { id: `ch_${event.id}`, payment_intent: event.data.object.payment_intent, refunded: true } },
    });
    const [early, late] = [sale(), sale()];
    await stripe(refundOf(early));
    await apply();
    await stripe(early);
    await stripe(late);
    await apply();
    expect(await mailsTo(buyerOf(early))).toEqual([]);
    await stripe(refundOf(late));
    await stripe({ ...late, id: `${late.id}_again` });
    await apply();
    expect((await purchases()).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
  });

  it('that refunds a part, or means nothing here, changes nothing', async () => {
    const event = sale();
    await stripe(event);
    await stripe({
      id: 'evt_part',
      type: 'charge.refunded',
      data: { object: { ...event.data.object, refunded: false } },
    });
    await stripe({ id: 'evt_odd', type: 'customer.created', data: {} });
    await apply();
    expect(await purchases()).toMatchObject([{ status: 'paid' }]);
    expect((await list('deliveries')).map(({ status }) => status)).toEqual(['ignored', 'ignored', 'applied']);
  });

  it.each([
    ['jpy', 1000, 'JPY', 1000],
    ['kwd', 12_340, 'KWD', 12_340],
    ['isk', 500_000, 'ISK', 5000],
    ['zzq', 500, undefined, undefined],
  ])('counts in the minor unit of %s', async (currency, amount_total, code, amount) => {
    await stripe(sale({ currency, amount_total }));
    await apply();
    const [purchase] = await purchases();
    expect([purchase?.['currency'], purchase?.['amount']]).toEqual([code, amount]);
    const [delivery] = await list('deliveries');
    expect([delivery?.['status'], delivery?.['error'] === undefined]).toEqual(['applied', code !== undefined]);
  });

  it('without a product is kept, and replayed on demand once there is one', async () => {
    const event = sale({}, { continuata_product_id: 'not-yet' });
    await stripe(event);
    await apply();
    expect(await list('deliveries')).toMatchObject([{ status: 'unmapped' }]);
    const [line] = await list('unmapped');
    expect(line).toMatchObject({ reason: 'no_mapping', externalIds: ['not-yet'], amount: 2198, currency: 'USD' });
    const path = `/api/webhooks/unmapped/${String(line?.['id'])}/replay`;
    expect((await server.client.post(path, { as: own.apiKey })).json.status).toBe('unmapped');
    await server.client.post('/api/products', { as: own.apiKey, json: { slug: 'not-yet', name: 'N' } });
    await server.publishSmall(own, { product: 'not-yet' });
    const replayed = await server.client.post(path, { as: own.apiKey });
    expect([replayed.json.status, replayed.json.purchaseIds.length]).toEqual(['applied', 1]);
    expect([await list('unmapped'), (await list('deliveries'))[0]?.['status']]).toEqual([[], 'applied']);
    expect((await server.client.post(path, { as: own.apiKey })).status).toBe(404);
  });

  it('waits for the address where it has none', async () => {
    const n = ++sales;
    const metadata = { continuata_product_id: drums };
    const object = { id: `pi_n${n}`, amount_received: 5, currency: 'usd', metadata };
    await stripe({ id: `evt_n${n}`, type: 'payment_intent.succeeded', data: { object } });
    await apply();
    expect(await list('unmapped')).toMatchObject([{ reason: 'no_email' }]);
    await stripe(sale({ payment_intent: `pi_n${n}` }));
    await apply();
    expect([await list('unmapped'), (await purchases()).length]).toEqual([[], 1]);
    expect((await list('deliveries')).map(({ status }) => status)).toEqual(['applied', 'applied']);
  });

  it('survives a death between storing and applying', async () => {
    await stripe(sale());
    expect([await purchases(), (await list('deliveries'))[0]?.['status']]).toEqual([[], 'received']);
    await apply();
    expect(await purchases()).toHaveLength(1);
  });
});

describe('whose Stripe event it is', () => {
  it('is told by the secret that verified, and the metadata must not disagree', async () => {
    const other = await server.createAccount('admin');
    const [mine, theirs] = [`${SECRET}_${own.orgId}`, `${SECRET}_${other.orgId}`];
    await set('stripe', mine);
    await set('stripe', theirs, other);
    const named = (orgId: string) => sale({}, { continuata_product_id: drums, continuata_org_id: orgId });
    expect((await stripe(sale(), mine, '/webhooks/stripe')).status).toBe(200);
    expect((await stripe(named(own.orgId), mine, '/webhooks/stripe')).status).toBe(200);
    for (const [event, secret, path] of [
      [named(other.orgId), mine, '/webhooks/stripe'],
      [named('nobody'), mine, '/webhooks/stripe'],
      [named(other.orgId), mine, `/webhooks/${own.orgId}/stripe`],
      [sale(), mine, `/webhooks/${other.orgId}/stripe`],
      [sale(), 'whsec_of_nobody', '/webhooks/stripe'],
      [sale(), mine, '/webhooks/nobody/stripe'],
    ] as const)
      expect((await stripe(event, secret, path)).json).toEqual({ error: { generic: ['unauthorized'] } });
    expect(await list('deliveries')).toHaveLength(2);
  });

  it('may be told by either secret while one is being replaced', async () => {
    await set('stripe', 'whsec_first_one');
    await set('stripe', 'whsec_second_one');
    for (const secret of ['whsec_first_one', 'whsec_second_one'])
      expect((await stripe(sale(), secret)).status).toBe(200);
    const { json } = await server.client.get('/api/integrations', { as: own.apiKey });
    const secrets = json.find((one: { vendor: string }) => one.vendor === 'stripe').secrets;
    expect(secrets).toHaveLength(2);
    await server.client.delete(`/api/integrations/stripe/secrets/${secrets[1].id}`, { as: own.apiKey });
    expect((await stripe(sale(), 'whsec_first_one')).status).toBe(401);
    expect((await stripe(sale(), 'whsec_second_one')).status).toBe(200);
    expect(JSON.stringify(json)).not.toContain('whsec');
  });
});

describe('a post that is not right', () => {
  it('stores nothing: signature wrong, missing, stale, of another body', async () => {
    await set('stripe');
    await set('shopify');
    const body = JSON.stringify(sale());
    const path = `/webhooks/${own.orgId}/stripe`;
    const stale = stripeSignature(SECRET, body, Math.floor(Date.now() / 1000) - 301);
    for (const header of ['', 't=1,v1=00', stale, stripeSignature('wrong', body), stripeSignature(SECRET, `${body} `)])
      expect((await post(path, body, { 'stripe-signature': header })).status).toBe(401);
    for (const header of ['', 'AAAA', hmac('wrong', body), hmac(SECRET, body.slice(1))])
      expect((await post(`/webhooks/${own.orgId}/shopify`, body, { 'x-shopify-hmac-sha256': header })).status).toBe(
        401,
      );
    const cut = body.slice(0, 40);
    expect((await stripe(cut)).json).toEqual({ error: { generic: ['invalid_json'] } });
    expect(await list('deliveries')).toEqual([]);
  });

  it('is refused where it is larger than 10 MiB, and taken where it is not', async () => {
    await set('fastspring');
    const filled = (size: number) => `{"events":[],"a":"${'a'.repeat(size - 20)}"}`;
    expect((await fastspring(filled(10 * 1024 * 1024))).status).toBe(200);
    expect((await fastspring(filled(10 * 1024 * 1024 + 1))).status).toBe(413);
  });
});

describe('Shopify', () => {
  beforeEach(() => set('shopify'));

  it('orders are purchases, by the most exact name, and refunds of a line refund it', async () => {
    await map('shopify', '632910392', bass);
    await map('shopify', '808950810', drums);
    await shopify('orders/create', fixture('shopify_order'), 'a');
    await shopify('orders/paid', fixture('shopify_order'), 'b');
    await shopify('orders/paid', fixture('shopify_order'), 'c');
    await apply(4);
    expect(await purchases()).toMatchObject([
      {
        productId: drums,
        orderId: '820982911946154508',
        amount: 39_300,
        customerEmail: 'jon@example.com',
        source: 'shopify',
      },
    ]);
    expect(await list('deliveries')).toHaveLength(2);
    await shopify('refunds/create', fixture('shopify_refund'));
    await apply();
    expect(await purchases()).toMatchObject([{ status: 'refunded' }]);
  });

  it('bundles are a purchase each, in one mail', async () => {
    await map('shopify', 'IPOD2008PINK', bass);
    await map('shopify', 'IPOD2008PINK', drums);
    const email = `bundle-${own.orgId}@example.com`;
    await shopify('orders/paid', fixture('shopify_order').replace('"email": "jon@', `"email": "bundle-${own.orgId}@`));
    await apply();
    expect((await purchases()).map(({ productId }) => productId).sort()).toEqual([bass, drums].sort());
    const mails = await mailsTo(email);
    expect([mails.length, mails[0]?.text.match(/download\?token=/g)?.length]).toEqual([1, 2]);
  });

  it('lines that nobody mapped are kept and recorded when they are', async () => {
    const email = `later-${own.orgId}@example.com`;
    await shopify('orders/paid', fixture('shopify_order').replace('"email": "jon@', `"email": "later-${own.orgId}@`));
    await apply();
    expect([await purchases(), (await list('unmapped')).length]).toEqual([[], 1]);
    expect((await map('shopify', '632910392')).status).toBe(201);
    await apply();
    expect([await list('unmapped'), (await purchases()).length]).toEqual([[], 1]);
    expect(await mailsTo(email)).toHaveLength(1);
    expect(await list('deliveries')).toMatchObject([{ status: 'applied' }]);
  });

  it.each([
    [0, 0],
    [3, 1],
  ])('a quantity of %i makes %i purchases', async (quantity, made) => {
    await map('shopify', '808950810');
    await shopify('orders/paid', fixture('shopify_order').replaceAll('"quantity": 1', `"quantity": ${quantity}`));
    await apply();
    expect(await purchases()).toHaveLength(made);
    expect(await list('deliveries')).toMatchObject([{ status: 'applied' }]);
  });

  it('cancelled before it was paid ends refunded', async () => {
    await map('shopify', '808950810');
    await shopify(
      'orders/cancelled',
      fixture('shopify_order').replace('"cancelled_at": null', '"cancelled_at": "2022-01-01"'),
    );
    await apply();
    await shopify('orders/paid', fixture('shopify_order'));
    await apply();
    expect(await purchases()).toMatchObject([{ status: 'refunded' }]);
  });
});

describe('WooCommerce', () => {
  beforeEach(() => set('woocommerce'));

  it('greets with an unsigned form', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const { status } = await post(`/webhooks/${own.orgId}/woocommerce`, 'webhook_id=7', headers);
    expect([status, await list('deliveries')]).toEqual([200, []]);
    expect((await post(`/webhooks/${own.orgId}/woocommerce`, 'webhook_id=7&a=1', headers)).status).toBe(401);
  });

  it('orders are purchases until they are refunded', async () => {
    await map('woocommerce', '23');
    await map('woocommerce', '93', bass);
    const body = fixture('woocommerce_order');
    await woocommerce(body.replace('"processing"', '"pending"'));
    await apply();
    expect(await purchases()).toEqual([]);
    await woocommerce(body);
    await woocommerce(body.replace('"processing"', '"completed"'));
    await apply();
    const found = await purchases();
    expect(found.map(({ amount }) => amount).sort()).toEqual([1290, 645]);
    await woocommerce(body.replace('"processing"', '"refunded"'));
    await apply();
    expect((await purchases()).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
  });
});

describe('FastSpring', () => {
  it('reports several events in a post', async () => {
    await set('fastspring');
    await map('fastspring', 'epic-drum-kit');
    await fastspring(fixture('fastspring_orders'));
    await fastspring(fixture('fastspring_orders'));
    await apply();
    expect(await purchases()).toMatchObject([{ amount: 4995, currency: 'USD', customerEmail: 'ned@example.com' }]);
    expect((await list('deliveries')).map(({ status }) => status).sort()).toEqual(['applied', 'ignored']);
    await fastspring(fixture('fastspring_return'));
    await apply();
    expect(await purchases()).toMatchObject([{ status: 'refunded' }]);
  });
});

describe('Vibracart Pro', () => {
  it('calls a URL that stops working when another is made', async () => {
    const renew = async () =>
      (await server.client.put('/api/integrations/vibracartpro', { as: own.apiKey, json: {} })).json;
    await map('vibracartpro', 'epic-drums-001');
    const call = (url: string) => post(url.slice(server.url.length), fixture('vibracartpro_order'), {});
    const { webhookUrl: first } = await renew();
    expect((await call(first)).status).toBe(200);
    await apply();
    expect(await purchases()).toMatchObject([{ orderId: 'V-1001', amount: 3900, currency: 'GBP' }]);
    const { webhookUrl: second } = await renew();
    expect([(await call(first)).status, (await call(second)).status]).toEqual([401, 200]);
    expect((await call(first.split('?')[0])).status).toBe(401);
    const { json } = await server.client.get('/api/integrations', { as: own.apiKey });
    expect(JSON.stringify(json)).not.toContain('secret=');
    expect(
      (await server.client.put('/api/integrations/vibracartpro', { as: own.apiKey, json: { secret: SECRET } })).status,
    ).toBe(400);
  });
});
