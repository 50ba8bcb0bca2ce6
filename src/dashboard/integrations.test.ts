import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import type { PageClient } from '../testing/pages.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';
import { applyWebhooks, stripeSignature } from '../testing/webhooks.ts';
import { EVENTS } from '../webhooks/stripe.ts';

let server: TestServer;
let admin: NewAccount;
let browser: PageClient;
let product: string;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
  product = (await server.publishSmall(admin)).product;
  browser = await signedIn(server, admin);
});
afterAll(() => server.stop());

const PATH = '/dashboard/integrations';
const SECRET = 'whsec_page_0123456789';

async function sell(n: number): Promise<void> {
  const object = {
    ...{ id: `cs_page${n}`, payment_link: 'plink_1', payment_status: 'paid', amount_total: 100, currency: 'usd' },
    customer_details: { email: `page${n}@example.com` },
  };
  const body = JSON.stringify({ id: `evt_page${n}`, type: 'checkout.session.completed', data: { object } });
  const headers = { 'stripe-signature': stripeSignature(SECRET, body) };
  expect((await server.client.post(`/webhooks/${admin.orgId}/stripe`, { body, headers })).status).toBe(200);
  expect(await applyWebhooks(server)).toEqual([]);
}

describe('the integrations pages', () => {
  it('set a secret, and never show it', async () => {
    expect((await browser.get(PATH)).text).toContain('Stripe Not set');
    const page = await browser.get(`${PATH}/stripe`);
    expect(page.html).toContain(`${server.url}/webhooks/${admin.orgId}/stripe`);
    for (const event of EVENTS) expect(page.text).toContain(event);
    const short = await browser.submit(`${PATH}/stripe`, { secret: 'short' });
    expect([short.status, short.text.includes('Between 8 and 500')]).toEqual([422, true]);
    const { status, headers } = await browser.submit(`${PATH}/stripe`, { secret: SECRET });
    expect([status, headers.location]).toEqual([303, `${PATH}/stripe?done=secret_set`]);
    const after = await browser.get(String(headers.location));
    expect([after.text.includes('The secret is set'), after.html.includes(SECRET)]).toEqual([true, false]);
  });

  it('map what was sold, and replay it', async () => {
    await sell(1);
    const { html } = await browser.get(PATH);
    const line = /href="(\/dashboard\/integrations\/unmapped\/\d+)"/.exec(html)?.[1] ?? '';
    const wrong = await browser.submit(line, { externalId: 'plink_1', productId: 'nothing' });
    expect([wrong.status, wrong.text.includes('one of your products')]).toEqual([422, true]);
    const mapped = await browser.submit(line, { externalId: 'plink_1', productId: product });
    expect(mapped.headers.location).toBe(`${PATH}?done=line_applied`);
    const { json } = await server.client.get('/api/purchases', { as: admin.apiKey });
    expect(json).toMatchObject([{ productId: product, customerEmail: 'page1@example.com', source: 'stripe' }]);
    const page = await browser.get(PATH);
    expect(page.text).toContain(`Stripe plink_1 ${product}`);
    expect((await browser.submit(`${line}/replay`, {}, { from: PATH })).headers.location).toContain('line_applied');
    const remove = /action="(\/dashboard\/integrations\/mappings\/[^"]+\/remove)"/.exec(page.html)?.[1] ?? '';
    expect((await browser.submit(remove, {}, { from: PATH })).headers.location).toBe(`${PATH}?done=item_unmapped`);
  });

  it('map an item by hand', async () => {
    const fields = { vendor: 'fastspring', externalId: 'epic', productId: product };
    expect((await browser.submit(`${PATH}/mappings`, fields, { from: PATH })).headers.location).toContain(
      'item_mapped',
    );
    const again = await browser.submit(`${PATH}/mappings`, fields, { from: PATH });
    expect([again.status, again.text.includes('stands for that product already')]).toEqual([422, true]);
  });

  it('lead on to what does not fit', async () => {
    const owner = await server.createAccount('owner');
    const { product: own } = await server.publishSmall(owner);
    const path = `/api/products/${own}/external-mappings`;
    for (let n = 0; n < 51; n++)
      await server.client.post(path, { as: owner.apiKey, json: { vendor: 'stripe', externalId: `item_${n}_` } });
    const client = await signedIn(server, owner);
    const first = await client.get(PATH);
    expect([first.text.includes('item_50_'), first.text.includes('item_0_')]).toEqual([true, false]);
    const [, older = ''] = /<a href="([^"]+)">Older mappings/.exec(first.html) ?? [];
    const { text } = await client.get(older);
    expect([text.includes('item_1_'), text.includes('item_0_'), text.includes('Older')]).toEqual([false, true, false]);
  });

  it('make the URL of Vibracart Pro, and show it once', async () => {
    const path = `${PATH}/vibracartpro`;
    const opened = await browser.get(path);
    const key = /name="form_key" value="([^"]+)"/.exec(opened.html)?.[1] ?? '';
    const made = await browser.submit(path, { form_key: key });
    expect(made.html).toMatch(/vibracartpro\?secret=ctw_/);
    const again = await browser.submit(path, { form_key: key });
    expect([again.status, again.html.includes('ctw_')]).toEqual([303, false]);
    const page = await browser.get(path);
    expect(page.html).not.toContain('ctw_');
    const remove = /action="([^"]+\/remove)"/.exec(page.html)?.[1] ?? '';
    expect((await browser.submit(remove, {}, { from: path })).headers.location).toBe(`${path}?done=secret_removed`);
  });

  it('are not for members, and nobody else’s', async () => {
    const member = await signedIn(server, await server.createAccount('member', { org: admin.orgId }));
    for (const path of [PATH, `${PATH}/stripe`]) expect((await member.get(path)).status).toBe(403);
    const stranger = await signedIn(server, await server.createAccount('admin'));
    expect((await stranger.get(`${PATH}/stripe`)).text).not.toContain('Secrets in use');
    expect((await browser.get(`${PATH}/paypal`)).status).toBe(404);
    expect((await browser.get(`${PATH}/unmapped/1`)).status).toBe(404);
  });
});
