import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPageClient, type PageClient } from '../testing/pages.ts';
import { givePassword } from '../testing/passwords.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';
import { untilSomebodyWaits } from '../testing/waiting.ts';
import { COST } from './password_cost.ts';

const PASSWORD = 'correct horse';
const PATH = '/dashboard/sign-in';

let server: TestServer;
let org: string;
beforeAll(async () => {
  server = await startTestServer({ config: { TRUST_PROXY: '1' } });
  org = (await server.createAccount('owner')).orgId;
});
afterAll(() => server.stop());

const account = async (password = PASSWORD) => {
  const user = await server.createAccount('member', { org });
  await givePassword(server.deps, user.userId, password);
  return user;
};
const enter = async (client: PageClient, email: string, password = PASSWORD, address = '192.0.2.1') => {
  client.cookies.delete('continuity_session');
  return client.submit(PATH, { email, password }, { headers: { 'x-forwarded-for': address } });
};
const events = (userId: string, type: string) =>
  server.deps.db.selectFrom('events').selectAll().where('user_id', '=', userId).where('type', '=', type).execute();
const use = async (times: number, throttle: keyof typeof server.deps.throttles, key: string) => {
  for (let i = 0; i < times; i += 1) await server.deps.throttles[throttle].take(key);
};

describe('signing in', () => {
  it('gives a session, and a mark to the browser that signs nobody in', async () => {
    const { email, userId } = await account();
    const client = createPageClient(server);
    const answer = await enter(client, ` ${email.toUpperCase()} `);
    expect([answer.status, answer.headers.location]).toEqual([303, '/dashboard']);
    expect((await client.get('/dashboard')).status).toBe(200);
    expect(await events(userId, 'session.created')).toMatchObject([{ data: { address: '192.0.2.1' } }]);
    client.cookies.delete('continuity_session');
    expect(client.cookies.get('continuity_device')).toMatch(/^[\w-]{80}$/);
    expect((await client.get('/dashboard')).status).toBe(303);
  });

  it('answers a wrong password and an unknown address alike', async () => {
    const { email, userId } = await account();
    const [wrong, unknown] = [
      await enter(createPageClient(server), email, 'wrong'),
      await enter(createPageClient(server), 'nobody@example.com'),
    ];
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.text.replace(email, '')).toBe(unknown.text.replace('nobody@example.com', ''));
    const refusals = await events(userId, 'session.refused');
    expect(refusals).toMatchObject([{ data: { address: '192.0.2.1' } }]);
    expect(JSON.stringify(refusals)).not.toContain('wrong');
  });

  it('takes no password where none was set', async () => {
    const { email } = await server.createAccount('member', { org });
    for (const password of ['null', 'undefined']) {
      expect((await enter(createPageClient(server), email, password)).status).toBe(401);
    }
  });

  it('stores an outdated password anew', async () => {
    const { email, userId } = await account();
    const { db } = server.deps;
    const stored = () =>
      db.selectFrom('users').select('password_hash').where('id', '=', userId).executeTakeFirstOrThrow();
    expect((await enter(createPageClient(server), email, 'wrong')).status).toBe(401);
    expect((await stored()).password_hash).toContain('scrypt$16$');
    expect((await enter(createPageClient(server), email)).status).toBe(303);
    expect((await stored()).password_hash).toContain(`$${COST.N}$${COST.r}$${COST.p}$`);
    expect((await enter(createPageClient(server), email)).status).toBe(303);
  });
});

describe('guessing', () => {
  it('is slowed from one address: at once, no more get through than one after the other', async () => {
    const { email, userId } = await account();
    const clients = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const client = createPageClient(server);
        await client.get(PATH);
        return client;
      }),
    );
    const answers = await Promise.all(clients.map((client) => enter(client, email, 'wrong')));
    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    expect([count(401), count(429)]).toEqual([5, 3]);
    const slowed = answers.find(({ status }) => status === 429);
    expect(Number(slowed?.headers['retry-after'])).toBeGreaterThan(0);
    expect(slowed?.text).toContain('Too many attempts');
    expect(await events(userId, 'session.refused')).toHaveLength(5);
    expect((await enter(createPageClient(server), email)).status).toBe(429);
    expect((await enter(createPageClient(server), email, PASSWORD, '198.51.100.1')).status).toBe(303);
  });

  it('is slowed from many addresses, and an unknown account as a known one', async () => {
    const { email } = await account();
    for (const address of [email, 'ghost@example.com']) {
      await use(10, 'signInAccount', address);
      expect((await enter(createPageClient(server), address, 'wrong', '203.0.113.1')).status).toBe(429);
    }
  });

  it('is slowed for many accounts from one address', async () => {
    await use(100, 'signInAddress', '203.0.113.9');
    const { email } = await account();
    expect((await enter(createPageClient(server), email, PASSWORD, '203.0.113.9')).status).toBe(429);
    expect((await enter(createPageClient(server), email, PASSWORD, '203.0.113.10')).status).toBe(303);
  });

  it('never locks the owner out of a browser that they signed in from before', async () => {
    const { email } = await account();
    const own = createPageClient(server);
    await enter(own, email);
    await use(10, 'signInAccount', email);
    await use(5, 'signInPair', `${email} 192.0.2.1`);
    await use(100, 'signInAddress', '192.0.2.44');
    expect((await enter(createPageClient(server), email)).status).toBe(429);
    expect((await enter(own, email)).status).toBe(303);
    expect((await enter(own, email, PASSWORD, '192.0.2.44')).status).toBe(303);
  });

  it('is slowed from such a browser too, and its mark is good for its own account only', async () => {
    const [{ email }, other] = [await account(), await account()];
    const own = createPageClient(server);
    await enter(own, email);
    const device = own.cookies.get('continuity_device') ?? '';
    for (let i = 0; i < 5; i += 1) expect((await enter(own, email, 'wrong')).status).toBe(401);
    expect((await enter(own, email)).status).toBe(429);
    await use(10, 'signInAccount', other.email);
    expect((await enter(own, other.email)).status).toBe(429);
    own.cookies.set('continuity_device', `${device.startsWith('B') ? 'C' : 'B'}${device.slice(1)}`);
    await use(10, 'signInAccount', email);
    expect((await enter(own, email)).status).toBe(429);
  });

  it('gives an account its tries back at a sign-in, and an address no more than that one', async () => {
    const { email } = await account();
    const address = '198.51.100.7';
    await use(9, 'signInAccount', email);
    await use(4, 'signInPair', `${email} ${address}`);
    await use(98, 'signInAddress', address);
    expect((await enter(createPageClient(server), email, PASSWORD, address)).status).toBe(303);
    expect((await enter(createPageClient(server), email, 'wrong', address)).status).toBe(401);
    expect((await enter(createPageClient(server), email, 'wrong', address)).status).toBe(401);
    expect((await enter(createPageClient(server), email, PASSWORD, address)).status).toBe(429);
  });

  it('with a password that was changed meanwhile opens no session', async () => {
    const { email, userId } = await account();
    const { db } = server.deps;
    const locked = db.transaction().execute(async (tx) => {
      await tx.selectFrom('users').select('id').where('id', '=', userId).forUpdate().execute();
      const entering = enter(createPageClient(server), email);
      await untilSomebodyWaits(db);
      await tx.updateTable('users').set({ password_hash: null }).where('id', '=', userId).execute();
      return { entering };
    });
    expect((await (await locked).entering).status).toBe(401);
    expect(await db.selectFrom('sessions').select('id').where('user_id', '=', userId).execute()).toEqual([]);
  });
});

it('a session made beside sign-in works like one', async () => {
  const client = await signedIn(server, await server.createAccount('member'));
  expect((await client.get('/dashboard')).status).toBe(200);
});
