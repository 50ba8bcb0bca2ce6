import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';
import { hashSecret } from '../users/principal.ts';
import { createSession, endOtherSessions, endSession } from './actions.ts';
import { describeAgent } from './agent.ts';
import { deleteEndedSessions, findSession, listSessions, type PageUser } from './queries.ts';

const DAY = 24 * 60 * 60 * 1000;

let server: TestServer;
let account: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

async function open(account: NewAccount, userAgent = 'test'): Promise<{ token: string; user: PageUser }> {
  const { deps } = server;
  const { token } = await createSession(deps.db, deps, { userId: account.userId, address: '192.0.2.1', userAgent });
  const user = await findSession(deps, token);
  if (!user) throw new Error('the session is not there');
  return { token, user };
}

const change = (token: string, values: Partial<Record<'expires_at' | 'last_seen_at', Date>>) =>
  server.deps.db.updateTable('sessions').set(values).where('token_hash', '=', hashSecret(token)).execute();
const rowOf = (token: string) =>
  server.deps.db.selectFrom('sessions').selectAll().where('token_hash', '=', hashSecret(token)).executeTakeFirst();
const ago = (milliseconds: number) => new Date(Date.now() - milliseconds);
const eventsOf = async ({ userId }: NewAccount, type: string) => {
  const { db } = server.deps;
  const rows = await db
    .selectFrom('events')
    .selectAll()
    .where('user_id', '=', userId)
    .where('type', '=', type)
    .execute();
  return rows.map(({ data }) => (data as { session_id: string }).session_id);
};

describe('a session', () => {
  it('says who is signed in, of which organisation', async () => {
    account = await server.createAccount('admin');
    const { user } = await open(account);
    expect(user).toEqual({
      sessionId: expect.stringMatching(/^\d+$/),
      userId: account.userId,
      email: account.email,
      name: null,
      role: 'admin',
      organisationId: account.orgId,
      organisationName: account.orgId,
      suspended: false,
      unpaid: false,
      apiKeyCreatedAt: expect.any(Date),
    });
    expect(await eventsOf(account, 'session.created')).toEqual([user.sessionId]);
  });

  it('is stored as a hash only', async () => {
    const { token } = await open(await server.createAccount('member'));
    expect(JSON.stringify(await rowOf(token))).not.toContain(token);
  });

  it('ends 30 days after sign-in, however often it is used', async () => {
    const { token } = await open(await server.createAccount('member'));
    const row = await rowOf(token);
    expect(Number(row?.expires_at) - Number(row?.created_at)).toBe(30 * DAY);
    await change(token, { expires_at: ago(1000) });
    expect(await findSession(server.deps, token)).toBeUndefined();
  });

  it('ends when it was not used for 7 days', async () => {
    const { token } = await open(await server.createAccount('member'));
    await change(token, { last_seen_at: ago(7 * DAY - 60_000) });
    expect(await findSession(server.deps, token)).toBeDefined();
    await change(token, { last_seen_at: ago(7 * DAY + 1000) });
    expect(await findSession(server.deps, token)).toBeUndefined();
  });

  it('is seen at most once a minute', async () => {
    const { token } = await open(await server.createAccount('member'));
    const before = ago(50_000);
    await change(token, { last_seen_at: before });
    await findSession(server.deps, token);
    expect((await rowOf(token))?.last_seen_at).toEqual(before);
    await change(token, { last_seen_at: ago(61_000) });
    await findSession(server.deps, token);
    expect(Number((await rowOf(token))?.last_seen_at)).toBeGreaterThan(Number(ago(30_000)));
  });

  it('is gone with its user', async () => {
    const account = await server.createAccount('member');
    const { token } = await open(account);
    await server.deps.db.deleteFrom('users').where('id', '=', account.userId).execute();
    expect(await findSession(server.deps, token)).toBeUndefined();
  });

  it('takes the place of the one that the browser had before', async () => {
    const [first, second] = [await server.createAccount('member'), await server.createAccount('member')];
    const { token, user } = await open(first);
    const { deps } = server;
    const next = { userId: second.userId, address: '192.0.2.1', userAgent: 'test', replaces: token };
    await createSession(deps.db, deps, next);
    expect(await findSession(deps, token)).toBeUndefined();
    expect(await eventsOf(first, 'session.ended')).toEqual([user.sessionId]);
  });

  it('keeps of the browser’s name what it has room for', async () => {
    const { token } = await open(await server.createAccount('member'), `${'a'.repeat(511)}\u{1f600}`);
    expect((await rowOf(token))?.user_agent).toBe(`${'a'.repeat(511)}\ufffd`);
  });
});

describe('ending sessions', () => {
  it('ends one’s own only', async () => {
    const [own, foreign] = [await server.createAccount('member'), await server.createAccount('member')];
    const [mine, theirs] = [await open(own), await open(foreign)];
    const { deps } = server;
    expect(await endSession(deps.db, deps, mine.user, theirs.user.sessionId)).toBe(false);
    expect(await findSession(deps, theirs.token)).toBeDefined();
    expect(await endSession(deps.db, deps, mine.user, mine.user.sessionId)).toBe(true);
    expect(await endSession(deps.db, deps, mine.user, mine.user.sessionId)).toBe(false);
    expect(await findSession(deps, mine.token)).toBeUndefined();
    expect(await eventsOf(own, 'session.ended')).toEqual([mine.user.sessionId]);
    expect(await eventsOf(foreign, 'session.ended')).toEqual([]);
  });

  it('ends all others and keeps this one', async () => {
    const [own, foreign] = [await server.createAccount('member'), await server.createAccount('member')];
    const [first, second, third, theirs] = [await open(own), await open(own), await open(own), await open(foreign)];
    const { deps } = server;
    await endOtherSessions(deps.db, deps, second.user, second.user.sessionId);
    const found = await Promise.all([first, second, third, theirs].map(({ token }) => findSession(deps, token)));
    expect(found.map((user) => user !== undefined)).toEqual([false, true, false, true]);
    const ended = [first.user.sessionId, third.user.sessionId];
    expect((await eventsOf(own, 'session.ended')).sort()).toEqual(ended.sort());
  });

  it('lists the live ones, last seen first', async () => {
    const own = await server.createAccount('member');
    const [a, b, c] = [await open(own), await open(own), await open(own)];
    await open(await server.createAccount('member'));
    await change(a.token, { last_seen_at: ago(60_000) });
    await change(b.token, { expires_at: ago(1000) });
    const ids = (await listSessions(server.deps.db, own.userId)).map(({ id }) => id);
    expect(ids).toEqual([c.user.sessionId, a.user.sessionId]);
  });

  it('deletes what has ended', async () => {
    const own = await server.createAccount('member');
    const [live, late, idle] = [await open(own), await open(own), await open(own)];
    await change(late.token, { expires_at: ago(1000) });
    await change(idle.token, { last_seen_at: ago(8 * DAY) });
    await deleteEndedSessions(server.deps.db);
    const rows = await Promise.all([live, late, idle].map(({ token }) => rowOf(token)));
    expect(rows.map((row) => row !== undefined)).toEqual([true, false, false]);
  });
});

describe('the page of the sessions', () => {
  const PATH = '/dashboard/settings/sessions';
  const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

  it('marks this browser and offers to end the others', async () => {
    const own = await server.createAccount('member');
    const { user } = await open(own, '<b>curl</b>');
    const browser = await signedIn(server, own, FIREFOX);
    const page = await browser.get(PATH);
    expect(page.text).toMatch(/Firefox on Linux 127\.0\.0\.1 .* just now This browser .*<b>curl<\/b> 192\.0\.2\.1/);
    expect(page.html.match(/\/end"/g)).toHaveLength(1);
    const ended = await browser.submit(`${PATH}/${user.sessionId}/end`, {}, { from: PATH });
    expect([ended.status, ended.headers.location]).toEqual([303, `${PATH}?done=session_ended`]);
    expect((await browser.get(`${PATH}?done=session_ended`)).text).toContain('The session was ended.');
    expect((await browser.get(PATH)).text).not.toContain('End all other sessions');
  });

  it('leaves the sessions of others alone, and what is none', async () => {
    const { user, token } = await open(await server.createAccount('member'));
    const browser = await signedIn(server, await server.createAccount('owner'));
    for (const id of [user.sessionId, '0', 'x', '99999999999999999999']) {
      const { status, headers } = await browser.submit(`${PATH}/${id}/end`, {}, { from: PATH });
      expect([status, headers.location]).toEqual([303, PATH]);
    }
    expect(await findSession(server.deps, token)).toBeDefined();
  });

  it('ends all others', async () => {
    const own = await server.createAccount('member');
    const { token } = await open(own);
    const browser = await signedIn(server, own);
    await browser.submit(`${PATH}/end-others`, {}, { from: PATH });
    expect(await findSession(server.deps, token)).toBeUndefined();
    expect((await browser.get(PATH)).status).toBe(200);
  });
});

describe('the name of a browser', () => {
  const mozilla = (rest: string) => `Mozilla/5.0 (${rest}`;
  it.each([
    [mozilla('Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0'), 'Edge on Windows'],
    [mozilla('X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/142.0 Safari/537.36'), 'Chrome on Linux'],
    [mozilla('Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36'), 'Chrome on Android'],
    [mozilla('iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1'), 'Safari on iPhone'],
    [mozilla('Macintosh; Intel Mac OS X 14.0; rv:140.0) Gecko Firefox/140.0'), 'Firefox on macOS'],
    ['curl/8.5.0', 'curl/8.5.0'],
    ['', 'Unknown browser'],
  ])('%s', (userAgent, name) => expect(describeAgent(userAgent)).toBe(name));
});
