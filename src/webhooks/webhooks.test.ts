import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixture, openSeller, SECRET, type Seller } from '../testing/seller.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { hmac, stripeSignature } from '../testing/webhooks.ts';

let server: TestServer;
let seller: Seller;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  seller = await openSeller(server);
});

let events = 0;
/** A report that is new; of a session with these metadata. */
const session = (metadata: object = {}) =>
  fixture('stripe_session', (event) => {
    event.id = `evt_${++events}`;
    event.data.object.metadata = metadata;
  });

describe('whose Stripe event it is', () => {
  it('is told by the secret that verified, and the metadata must not disagree', async () => {
    const other = await server.createAccount('admin');
    const { orgId } = seller.own;
    const [mine, theirs] = [`${SECRET}_${orgId}`, `${SECRET}_${other.orgId}`];
    await seller.set('stripe', mine);
    await seller.set('stripe', theirs, other);
    const named = (continuata_org_id: string) => session({ continuata_org_id });
    expect((await seller.stripe(session(), mine, '/webhooks/stripe')).status).toBe(200);
    expect((await seller.stripe(named(orgId), mine, '/webhooks/stripe')).status).toBe(200);
    for (const [event, secret, path] of [
      [named(other.orgId), mine, '/webhooks/stripe'],
      [named('nobody'), mine, '/webhooks/stripe'],
      [named(other.orgId), mine, `/webhooks/${orgId}/stripe`],
      [session(), mine, `/webhooks/${other.orgId}/stripe`],
      [session(), 'whsec_of_nobody', '/webhooks/stripe'],
      [session(), mine, '/webhooks/nobody/stripe'],
    ] as const)
      expect((await seller.stripe(event, secret, path)).json).toEqual({ error: { generic: ['unauthorized'] } });
    expect(await seller.deliveries()).toHaveLength(2);
  });

  it('is nobody’s where two have the secret', async () => {
    const other = await server.createAccount('admin');
    const shared = `${SECRET}_shared_${other.orgId}`;
    await seller.set('stripe', shared);
    await seller.set('stripe', shared, other);
    expect((await seller.stripe(session(), shared, '/webhooks/stripe')).status).toBe(401);
    expect((await seller.stripe(session(), shared)).status).toBe(200);
  });

  it('may be told by either secret while one is being replaced', async () => {
    await seller.set('stripe', 'whsec_first_one');
    await seller.set('stripe', 'whsec_second_one');
    // Whoever is unsure whether it arrived sends it again.
    await seller.set('stripe', 'whsec_second_one');
    for (const secret of ['whsec_first_one', 'whsec_second_one'])
      expect((await seller.stripe(session(), secret)).status).toBe(200);
    const as = seller.own.apiKey;
    const { json } = await server.client.get('/api/integrations', { as });
    const secrets = json.find((one: { vendor: string }) => one.vendor === 'stripe').secrets;
    expect(secrets).toHaveLength(2);
    await server.client.delete(`/api/integrations/stripe/secrets/${secrets[1].id}`, { as });
    expect((await seller.stripe(session(), 'whsec_first_one')).status).toBe(401);
    expect((await seller.stripe(session(), 'whsec_second_one')).status).toBe(200);
    expect(JSON.stringify(json)).not.toContain('whsec');
  });
});

describe('a post that is not right', () => {
  it('stores nothing: signature wrong, missing, stale, of another body', async () => {
    for (const vendor of ['stripe', 'shopify', 'woocommerce', 'fastspring']) await seller.set(vendor);
    const body = session();
    const to = (vendor: string) => `/webhooks/${seller.own.orgId}/${vendor}`;
    const stale = stripeSignature(SECRET, body, Math.floor(Date.now() / 1000) - 301);
    for (const header of ['', 't=1,v1=00', stale, stripeSignature('wrong', body), stripeSignature(SECRET, `${body} `)])
      expect((await seller.post(to('stripe'), body, { 'stripe-signature': header })).status).toBe(401);
    for (const [vendor, name] of [
      ['shopify', 'x-shopify-hmac-sha256'],
      ['woocommerce', 'x-wc-webhook-signature'],
      ['fastspring', 'x-fs-signature'],
    ] as const)
      for (const header of ['', 'AAAA', hmac('wrong', body), hmac(SECRET, body.slice(1)), hmac(SECRET, body, 'hex')])
        expect((await seller.post(to(vendor), body, { [name]: header })).status).toBe(401);
    expect((await seller.stripe(body.slice(0, 40))).json).toEqual({ error: { generic: ['invalid_json'] } });
    expect(await seller.deliveries()).toEqual([]);
  });

  it('is refused where it is larger than 10 MiB, and taken where it is not', async () => {
    await seller.set('fastspring');
    const filled = (size: number) => `{"events":[],"a":"${'a'.repeat(size - 20)}"}`;
    expect((await seller.fastspring(filled(10 * 1024 * 1024))).status).toBe(200);
    expect((await seller.fastspring(filled(10 * 1024 * 1024 + 1))).status).toBe(413);
  });
});
