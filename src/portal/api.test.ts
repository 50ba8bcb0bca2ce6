import { afterAll, describe, expect, it } from 'vitest';
import { setStanding } from '../testing/accounts.ts';
import { createPortalToken } from '../testing/portal.ts';
import { openSelling } from '../testing/selling.ts';

const DAY = 24 * 60 * 60 * 1000;

const { server, pair, clock, newEmail, buy, newCustomer, list, link } = await openSelling();
afterAll(() => server.stop());

const idsIn = (json: { id: string }[]) => json.map(({ id }) => id);

describe('a customer', () => {
  it('sees what was bought under the address, from whomever, newest first', async () => {
    const email = newEmail();
    const token = await createPortalToken(server.deps, email);
    expect((await list(token)).json).toEqual([]);
    const first = await buy(email, pair.own, pair.product, { orderId: 'o-1', purchasedAt: '2026-04-01T00:00:00.000Z' });
    const second = await buy(email.toUpperCase(), pair.foreign);
    await buy(newEmail());
    const { json } = await list(token);
    expect(idsIn(json)).toEqual([second, first]);
    const { json: version } = await server.client.get(
      `/api/products/${pair.product}/versions/${pair.ownVersion.versionId}`,
      { as: pair.own.apiKey },
    );
    expect(json[1]).toEqual({
      id: first,
      publisherId: pair.own.orgId,
      publisherName: pair.own.orgId,
      productId: pair.product,
      productName: pair.own.orgId,
      orderId: 'o-1',
      purchasedAt: '2026-04-01T00:00:00.000Z',
      available: true,
      versions: [
        { version: '1.0.0', active: true, size: version.size, fileCount: 3, publishedAt: version.activatedAt },
      ],
    });
  });

  it('turns pages', async () => {
    const email = newEmail();
    const token = await createPortalToken(server.deps, email);
    const ids = [await buy(email), await buy(email), await buy(email)];
    const first = await list(token, { limit: 2 });
    expect(idsIn(first.json)).toEqual([ids[2], ids[1]]);
    const next = /<([^>]+)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? '';
    const second = await server.client.get(next.slice(server.url.length), { as: token });
    expect([idsIn(second.json), second.headers.link]).toEqual([[ids[0]], undefined]);
  });

  it('gets a fresh link as often as they like, which downloads and is known to belong to the purchase', async () => {
    const { email, id, token } = await newCustomer();
    const { status, headers, json } = await link(token, id);
    expect([status, headers['cache-control'], json.version]).toEqual([200, 'no-store', '1.0.0']);
    expect(json.expiresAt).toBe(new Date(clock.now + DAY).toISOString());
    expect((await link(token, id)).json.downloadToken).not.toBe(json.downloadToken);
    const archive = await server.client.get(json.downloadUrl.slice(server.url.length));
    expect([archive.status, archive.headers['content-type']]).toEqual([200, 'application/zip']);
    const stored = await server.deps.db
      .selectFrom('download_tokens')
      .select(['customer_email', 'purchase_id', 'created_by', 'organisation_id'])
      .where('purchase_id', '=', id)
      .executeTakeFirstOrThrow();
    const expected = { customer_email: email, purchase_id: id, created_by: null, organisation_id: pair.own.orgId };
    expect(stored).toEqual(expected);
    const { json: events } = await server.client.get('/events', { as: pair.own.apiKey });
    const made = events.response.find(({ type }: { type: string }) => type === 'download_token.created');
    expect([made.data.product_id, made.user_id]).toEqual([pair.product, undefined]);
  });

  /** A product of a seller's own, and a customer of it. */
  async function newProduct() {
    const seller = await server.createAccount('admin');
    const { product, versionId } = await server.publishSmall(seller);
    const email = newEmail();
    const [id, token] = [await buy(email, seller, product), await createPortalToken(server.deps, email)];
    const versions = async () =>
      (await list(token)).json[0].versions.map((row: { version: string; active: boolean }) => [
        row.version,
        row.active,
      ]);
    const publish = async (version: string, activate: boolean) =>
      (await server.publishSmall(seller, { product, version, activate, files: { 'a.txt': version } })).versionId;
    const act = (version: string, what: 'activate' | 'yank') =>
      server.client.post(`/api/products/${product}/versions/${version}/${what}`, { as: seller.apiKey });
    return { id, token, first: versionId, versions, publish, act };
  }

  it('chooses among the versions that were activated, also before they bought', async () => {
    const { id, token, first, versions, publish, act } = await newProduct();
    const second = await publish('2.0.0', true);
    expect(await versions()).toEqual([
      ['2.0.0', true],
      ['1.0.0', false],
    ]);
    expect((await link(token, id)).json.version).toBe('2.0.0');
    expect((await link(token, id, { version: '1.0.0' })).json.version).toBe('1.0.0');
    await act(second, 'yank');
    expect(await versions()).toEqual([['1.0.0', false]]);
    for (const body of [{ version: '2.0.0' }, { version: '9' }, {}]) {
      const { status, json } = await link(token, id, body);
      expect([status, json]).toEqual([404, { error: { version: ['not_found'] } }]);
    }
    await act(first, 'activate');
    expect((await link(token, id)).json.version).toBe('1.0.0');
  });

  it('sees nothing of a version before it is activated, and keeps it after', async () => {
    const { id, token, first, versions, publish, act } = await newProduct();
    const next = await publish('2.0.0-beta', false);
    expect(await versions()).toEqual([['1.0.0', true]]);
    const { status, json } = await link(token, id, { version: '2.0.0-beta' });
    expect([status, json]).toEqual([404, { error: { version: ['not_found'] } }]);
    clock.now = Date.now();
    await act(next, 'activate');
    await act(first, 'activate');
    expect(await versions()).toEqual([
      ['2.0.0-beta', false],
      ['1.0.0', true],
    ]);
    expect((await link(token, id, { version: '2.0.0-beta' })).status).toBe(200);
  });

  it('keeps what has gone off sale, and what a seller who owes money sold', async () => {
    const seller = await server.createAccount('admin');
    const { product } = await server.publishSmall(seller);
    const email = newEmail();
    const [id, token] = [await buy(email, seller, product), await createPortalToken(server.deps, email)];
    await server.client.post(`/api/products/${product}/archive`, { as: seller.apiKey });
    await setStanding(server.deps, seller.orgId, { billing: 'overdue' });
    expect((await link(token, id)).status).toBe(200);
  });

  it('is told where the seller is out of service, and gets no link', async () => {
    const seller = await server.createAccount('admin');
    const { product } = await server.publishSmall(seller);
    const email = newEmail();
    const [id, token] = [await buy(email, seller, product), await createPortalToken(server.deps, email)];
    await setStanding(server.deps, seller.orgId, { suspended: true });
    expect((await list(token)).json).toMatchObject([{ id, available: false }]);
    const { status, json } = await link(token, id);
    expect([status, json]).toEqual([403, { error: { purchaseId: ['resource_temporary_unavailable'] } }]);
  });

  it('finds nothing that was refunded, or that is somebody else’s', async () => {
    const [own, other] = [await newCustomer(), await newCustomer(pair.foreign)];
    const refunded = await buy(own.email);
    await server.client.post(`/api/purchases/${refunded}/refund`, { as: pair.own.apiKey });
    expect(idsIn((await list(own.token)).json)).toEqual([own.id]);
    for (const id of [refunded, other.id, '1', 'x', '99999999999999999999']) {
      const { status, json } = await link(own.token, id);
      expect([status, json]).toEqual([404, { error: { purchaseId: ['not_found'] } }]);
    }
    const rows = server.deps.db.selectFrom('download_tokens').select('id').where('purchase_id', '=', other.id);
    expect(await rows.execute()).toEqual([]);
  });

  it('loses with a refund the links that they made, and those of no other purchase', async () => {
    const { email, id, token } = await newCustomer();
    const other = await buy(email, pair.foreign);
    const [gone, kept] = [(await link(token, id)).json, (await link(token, other)).json];
    await server.client.post(`/api/purchases/${id}/refund`, { as: pair.own.apiKey });
    const download = (query: object) => server.client.get('/download/archive', { query: { ...query } });
    const refused = await download({ token: gone.downloadToken });
    expect([refused.status, refused.json]).toEqual([410, { error: { token: ['revoked'] } }]);
    expect((await download({ token: kept.downloadToken })).status).toBe(200);
  });

  it('who refunds and fetches at once has no link left', async () => {
    const { id, token } = await newCustomer();
    const refund = () => server.client.post(`/api/purchases/${id}/refund`, { as: pair.own.apiKey });
    const links = () => Promise.all(Array.from({ length: 4 }, () => link(token, id)));
    const [before, , after] = await Promise.all([links(), refund(), links()]);
    for (const { status } of [...before, ...after]) expect([200, 404]).toContain(status);
    const alive = server.deps.db.selectFrom('download_tokens').select('id').where('purchase_id', '=', id);
    expect(await alive.where('revoked_at', 'is', null).execute()).toEqual([]);
  });

  it('gets of each seller what that seller published, though both call it the same', async () => {
    const seller = await server.createAccount('admin');
    const other = await server.createAccount('admin');
    const { product } = await server.publishSmall(seller);
    await server.client.post('/api/products', { as: other.apiKey, json: { name: 'Same', slug: product } });
    await server.publishSmall(other, { product, version: '7.0.0', files: { 'theirs.txt': 'theirs' } });
    const email = newEmail();
    const [one, two] = [await buy(email, seller, product), await buy(email, other, product)];
    const token = await createPortalToken(server.deps, email);
    const { json } = await list(token);
    expect(json.map((row: { versions: object[] }) => row.versions)).toMatchObject([
      [{ version: '7.0.0' }],
      [{ version: '1.0.0' }],
    ]);
    expect((await link(token, one, { version: '7.0.0' })).status).toBe(404);
    expect((await link(token, two)).json.version).toBe('7.0.0');
  });
});
