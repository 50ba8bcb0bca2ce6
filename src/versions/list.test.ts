import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let member: NewAccount;
let product: string;
beforeAll(async () => {
  server = await startTestServer();
  member = await server.createAccount('member');
  ({ product } = await server.publishSmall(member, { version: '1.0.0' }));
  for (const version of ['1.1.0', '2.0.0-beta.1+build', '0.9'])
    await server.publishSmall(member, { product, version, activate: false });
});
afterAll(() => server.stop());

const list = (query = '') => server.client.get(`/api/products/${product}/versions${query}`, { as: member.apiKey });
const numbers = (json: { version: string }[]) => json.map(({ version }) => version);
const ALL = ['0.9', '2.0.0-beta.1+build', '1.1.0', '1.0.0'];

describe('the versions of a product', () => {
  it('come newest first, the active one marked', async () => {
    const { json, headers } = await list();
    expect(numbers(json)).toEqual(ALL);
    expect(json.map(({ active }: { active: boolean }) => active)).toEqual([false, false, false, true]);
    expect(headers['link']).toBeUndefined();
  });

  it.each([1, 2, 3, 4])('come whole in pages of %i, following Link to its end', async (limit) => {
    const seen: string[] = [];
    let path: string | undefined = `/api/products/${product}/versions?limit=${limit}`;
    for (let pages = 0; path !== undefined && pages < 10; pages += 1) {
      const { json, headers } = await server.client.get(path, { as: member.apiKey });
      expect(json.length).toBeLessThanOrEqual(limit);
      expect(json.length).toBeGreaterThan(0);
      seen.push(...numbers(json));
      const next = /^<(.*)>; rel="next"$/.exec(String(headers['link'] ?? ''))?.[1];
      expect(next === undefined || next.startsWith(`${server.url}/`)).toBe(true);
      path = next?.slice(server.url.length);
    }
    expect(seen).toEqual(ALL);
  });

  it('a page does not shift when a version is added meanwhile', async () => {
    const first = await list('?limit=2');
    const next = /<(.*)>/.exec(String(first.headers['link']))?.[1] ?? '';
    await server.publishSmall(member, { product, version: '3.0.0', activate: false });
    const second = await server.client.get(next.slice(server.url.length), { as: member.apiKey });
    expect(numbers(second.json)).toEqual(['1.1.0', '1.0.0']);
  });

  it('one of them says all about itself', async () => {
    const [newest] = (await list()).json;
    const { status, json } = await server.client.get(`/api/products/${product}/versions/${newest.id}`, {
      as: member.apiKey,
    });
    expect([status, json]).toEqual([200, newest]);
    expect(json).toMatchObject({ status: 'ready', size: 2009, fileCount: 3, productId: product });
    expect(json.archiveSize).toBeGreaterThan(2009);
    expect(Date.parse(json.readyAt)).toBeGreaterThanOrEqual(Date.parse(json.createdAt));
  });

  it('belong to their product: another product of ours does not have them', async () => {
    const other = await server.publishSmall(member);
    const [{ id }] = (await list()).json;
    for (const path of [`/${id}`, `/${id}/manifest`]) {
      const { status, json } = await server.client.get(`/api/products/${other.product}/versions${path}`, {
        as: member.apiKey,
      });
      expect([status, json]).toEqual([404, { error: { versionId: ['not_found'] } }]);
    }
    const { status } = await server.client.post(`/api/products/${other.product}/versions/${id}/activate`, {
      as: member.apiKey,
    });
    expect(status).toBe(404);
  });
});
