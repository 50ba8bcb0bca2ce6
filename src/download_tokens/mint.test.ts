import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { hashSecret } from '../users/principal.ts';

const NOW = new Date('2026-04-01T00:00:00.000Z');
let server: TestServer;
let admin: NewAccount;
let product: string;
let versionId: string;
beforeAll(async () => {
  server = await startTestServer({ deps: (real) => ({ ...real, clock: () => NOW }) });
  admin = await server.createAccount('admin');
  ({ product, versionId } = await server.publishSmall(admin));
});
afterAll(() => server.stop());

const mint = (json: object) => server.client.post('/api/generate-download-url', { as: admin.apiKey, json });
const rows = () => server.deps.db.selectFrom('download_tokens').selectAll().orderBy('id', 'desc').execute();

describe('a minted link', () => {
  it('has the first seed’s keys in its order, and ends in 24 hours', async () => {
    const { status, headers, body, json } = await mint({ productId: product, version: '1.0.0' });
    expect([status, headers['cache-control'], headers['content-type']]).toEqual([200, 'no-store', 'application/json']);
    const token = json.downloadToken;
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(body.toString()).toBe(
      `{"success":true,"productId":"${product}","version":"1.0.0","downloadToken":"${token}",` +
        `"downloadUrl":"${server.url}/download?token=${token}","expiresAt":"2026-04-02T00:00:00.000Z"}`,
    );
  });

  it('is for the active version where none is named', async () => {
    const newer = await server.publishSmall(admin, { product, version: '2.0.0', activate: false });
    expect((await mint({ productId: product })).json.version).toBe('1.0.0');
    expect((await mint({ productId: product, version: '2.0.0' })).json.version).toBe('2.0.0');
    const [row] = await rows();
    expect([row?.version_id, row?.organisation_id, row?.created_by]).toEqual([
      newer.versionId,
      admin.orgId,
      admin.userId,
    ]);
  });

  it('is in the database as a hash only, with its event', async () => {
    const { json } = await mint({ productId: product, orderId: 'o-1', maxDownloads: 3 });
    const [row] = await rows();
    expect(row?.token_hash).toEqual(hashSecret(json.downloadToken));
    expect(JSON.stringify(row)).not.toContain(json.downloadToken);
    expect([row?.order_id, row?.max_downloads, row?.purchase_id]).toEqual(['o-1', 3, null]);
    const events = await server.deps.db
      .selectFrom('events')
      .selectAll()
      .where('type', '=', 'download_token.created')
      .execute();
    const event = events.find(({ data }) => (data as { token_id?: string }).token_id === row?.id);
    expect(event).toMatchObject({
      organisation_id: admin.orgId,
      user_id: admin.userId,
      data: { product_id: product, version_id: versionId },
    });
    expect(JSON.stringify(events)).not.toContain(json.downloadToken);
  });

  it('is another each time', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => mint({ productId: product })));
    expect(new Set(answers.map(({ json }) => json.downloadToken)).size).toBe(20);
  });

  it('ends when asked to', async () => {
    const { json } = await mint({ productId: product, expiresAt: '2026-04-01T12:00:00+02:00' });
    expect(json.expiresAt).toBe('2026-04-01T10:00:00.000Z');
  });
});

describe('minting refuses', () => {
  it.each([
    ['a product that is not there', { productId: 'nowhere' }, 404, { productId: ['not_found'] }],
    ['a version that is not there', { version: '9' }, 404, { version: ['not_found'] }],
    [
      'a version of a product that is not there',
      { productId: 'nowhere', version: '9' },
      404,
      { productId: ['not_found'] },
    ],
    ['an id instead of a number', { version: '117767517644673024' }, 404, { version: ['not_found'] }],
    ['an end in the past', { expiresAt: '2026-03-31T23:59:59Z' }, 400, { expiresAt: ['invalid_format'] }],
    ['an end after a day', { expiresAt: '2026-04-02T00:01:01Z' }, 400, { expiresAt: ['invalid_format'] }],
    ['an end without a zone', { expiresAt: '2026-04-01T12:00:00' }, 400, { expiresAt: ['invalid_format'] }],
    ['a date alone', { expiresAt: '2026-04-01' }, 400, { expiresAt: ['invalid_format'] }],
    ['no download at all', { maxDownloads: 0 }, 400, { maxDownloads: ['invalid_format'] }],
    ['half a download', { maxDownloads: 1.5 }, 400, { maxDownloads: ['invalid_format'] }],
    ['downloads in words', { maxDownloads: '3' }, 400, { maxDownloads: ['invalid_format'] }],
    ['an empty version', { version: '' }, 400, { version: ['is_blank'] }],
    ['what is no address', { customerEmail: 'customer' }, 400, { customerEmail: ['invalid_format'] }],
    ['a field in snake case', { product_id: 'a' }, 400, { product_id: ['unknown_field'] }],
    [
      'several at once',
      { maxDownloads: -1, orderId: '', version: 1 },
      400,
      {
        maxDownloads: ['invalid_format'],
        orderId: ['is_blank'],
        version: ['invalid_format'],
      },
    ],
  ])('%s', async (_name, more, status, error) => {
    const before = (await rows()).length;
    const answer = await mint({ productId: product, ...more });
    expect([answer.status, answer.json]).toEqual([status, { error }]);
    expect((await rows()).length).toBe(before);
  });

  it('an organisation that owes money, and writes nothing', async () => {
    const owing = await server.createAccount('admin');
    const published = await server.publishSmall(owing);
    await server.deps.db
      .updateTable('organisations')
      .set({ billing: 'overdue' })
      .where('id', '=', owing.orgId)
      .execute();
    const before = (await rows()).length;
    for (const more of [{}, { customerEmail: 'a@example.com' }]) {
      const json = { productId: published.product, ...more };
      const { status, json: body } = await server.client.post('/api/generate-download-url', { as: owing.apiKey, json });
      expect([status, body]).toEqual([402, { error: { generic: ['payment_required'] } }]);
    }
    expect((await rows()).length).toBe(before);
  });
});
