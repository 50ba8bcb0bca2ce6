import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../db/transaction.ts';
import { takeMailedLink } from '../mailed_links/actions.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { createPasswordLink } from './password_link.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const link = (email: string) => createPasswordLink(server.deps.db, server.deps, email);
const take = (url: string) => {
  const token = new URL(url).searchParams.get('token') ?? '';
  return inTransaction(server.deps.db, (tx) => takeMailedLink(tx, server.deps, 'password_reset', token));
};

describe('a link to choose a password', () => {
  it('is the user’s, once, for an hour', async () => {
    const { email, userId } = await server.createAccount('member');
    const { url, email: shown } = await link(` ${email.toUpperCase()} `);
    expect([url.startsWith(`${server.url}/dashboard/password-reset/new?token=`), shown]).toEqual([true, email]);
    const taken = await take(url);
    expect(taken.userId).toBe(userId);
    expect(taken.expiresAt.getTime() - taken.createdAt.getTime()).toBe(60 * 60 * 1000);
    await expect(take(url)).rejects.toMatchObject({ code: 'used_up' });
  });

  it('is told to the organisation without the link', async () => {
    const { email, userId, orgId } = await server.createAccount('member');
    const { url } = await link(email);
    const rows = await server.deps.db.selectFrom('events').selectAll().where('organisation_id', '=', orgId).execute();
    const event = rows.find(({ type }) => type === 'password_reset.created');
    expect(event).toMatchObject({ user_id: null, data: { reset_user_id: userId } });
    expect(JSON.stringify(rows)).not.toContain(url.split('=')[1]);
  });

  it('is not made for an unknown address', async () => {
    await expect(link('nobody@example.com')).rejects.toMatchObject({ fields: { email: ['not_found'] } });
  });
});
