import { type KyselyPlugin, PostgresQueryCompiler, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../testing/client.ts';
import { linkIn, sentMail } from '../testing/mail.ts';
import { codeIn, createPortalToken } from '../testing/portal.ts';
import { createProductPair, type ProductPair } from '../testing/product_pair.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { normaliseEmail } from '../users/email.ts';
import { hashSecret } from '../users/principal.ts';
import { signInByCode } from './sign_in.ts';

const MINUTE = 60_000;

let server: TestServer;
let pair: ProductPair;
let now = Date.now();
/** Every statement, as it goes to the database, without its values. */
const ran: string[] = [];
const compiler = new PostgresQueryCompiler();
const recorder: KyselyPlugin = {
  transformQuery({ node, queryId }) {
    ran.push(compiler.compileQuery(node, queryId).sql);
    return node;
  },
  transformResult: ({ result }) => Promise.resolve(result),
};
beforeAll(async () => {
  server = await startTestServer({
    deps: (real) => ({ ...real, clock: () => new Date(now), db: real.db.withPlugin(recorder) }),
  });
  pair = await createProductPair(server);
});
afterAll(() => server.stop());
beforeEach(async () => {
  const { portalCodeAddress, portalGuessAddress } = server.deps.throttles;
  await portalCodeAddress.clear('127.0.0.1');
  await portalGuessAddress.clear('127.0.0.1');
});

let buyers = 0;
/** An address under which something was bought. */
async function newBuyer(): Promise<string> {
  const customerEmail = `buyer${++buyers}@example.com`;
  await server.client.post('/api/purchases', {
    as: pair.own.apiKey,
    json: { productId: pair.product, customerEmail },
  });
  return customerEmail;
}

const ask = (email: string) => server.client.post('/api/my/codes', { json: { email } });
const enter = (requestId: string, code: string) =>
  server.client.post('/api/my/sessions', { json: { requestId, code } });
const mailTo = async (email: string) => (await sentMail(server)).filter(({ to }) => to === email);

async function asked(email: string, mailed = email): Promise<{ requestId: string; code: string }> {
  const { requestId } = (await ask(email)).json;
  const mail = (await mailTo(mailed)).at(-1);
  if (!mail) throw new Error('no mail');
  return { requestId, code: codeIn(mail) };
}

const other = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
const tally = (answers: readonly Answer[]) =>
  answers.map(({ status, json }) => `${status} ${JSON.stringify(json.error ?? 'signed in')}`).toSorted();
const WRONG = '401 {"code":["unauthorized"]}';
const USED_UP = '410 {"requestId":["used_up"]}';

describe('a code', () => {
  it('that was mailed before signs nobody in after signing out everywhere', async () => {
    const [email, stranger] = [await newBuyer(), await newBuyer()];
    const [before, theirs] = [await asked(email), await asked(stranger)];
    const as = await createPortalToken(server.deps, email);
    await server.client.delete('/api/my/sessions/all', { as });
    const answer = await enter(before.requestId, before.code);
    expect([answer.status, answer.json]).toEqual([410, { error: { requestId: ['used_up'] } }]);
    expect((await enter(theirs.requestId, theirs.code)).status).toBe(200);
  });

  it('is mailed, as text and HTML, and signs in for 30 days', async () => {
    const email = await newBuyer();
    const { status, headers, json } = await ask(email);
    expect([status, headers['cache-control'], Object.keys(json)]).toEqual([
      200,
      'no-store',
      ['requestId', 'expiresAt'],
    ]);
    expect(json.expiresAt).toBe(new Date(now + 10 * MINUTE).toISOString());
    const [mail, ...more] = await mailTo(email);
    if (!mail) throw new Error('no mail');
    const code = codeIn(mail);
    expect(more).toEqual([]);
    expect([mail.subject.includes(code), mail.html.includes(`>${code}</p>`)]).toEqual([false, true]);
    expect(mail.html).toContain(`href="${server.url}${linkIn(mail)}"`);
    const session = await enter(json.requestId, code);
    expect([session.status, session.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(session.json.expiresAt).toBe(new Date(now + 30 * 24 * 60 * MINUTE).toISOString());
    const list = await server.client.get('/api/my/purchases', { as: session.json.token });
    expect(list.json).toMatchObject([{ productId: pair.product, publisherId: pair.own.orgId }]);
  });

  it.each([
    ['in capitals', 'KATE@EXAMPLE.COM', 'Kate@Example.com'],
    ['with a sign that is a letter in lower case', 'kim@example.com', '\u212aim@example.com'],
    ['with its host as browsers write it', 'ida@bücher.example', 'ida@xn--bcher-kva.example'],
    ['with its letters composed otherwise', 'j\u00fcrgen@example.com', 'JU\u0308RGEN@example.com'],
  ])('goes to the address however it is typed: %s', async (_how, bought, typed) => {
    const { db, ids } = server.deps;
    const customer_email = normaliseEmail(bought);
    const id = ids.next();
    const sale = { id, order_id: id, organisation_id: pair.own.orgId, product_id: pair.product, source: 'shopify' };
    await db
      .insertInto('purchases')
      .values({ ...sale, customer_email })
      .execute();
    const { requestId, code } = await asked(typed, customer_email);
    const { token } = (await enter(requestId, code)).json;
    expect((await server.client.get('/api/my/purchases', { as: token })).json).toMatchObject([{ id }]);
  });

  it('works once', async () => {
    const { requestId, code } = await asked(await newBuyer());
    const answers = [await enter(requestId, code), await enter(requestId, code)];
    expect(tally(answers)).toEqual(['200 "signed in"', USED_UP]);
  });

  it('works once when it is sent fifty times at once', async () => {
    const { requestId, code } = await asked(await newBuyer());
    const answers = await Promise.all(Array.from({ length: 50 }, () => enter(requestId, code)));
    expect(tally(answers).filter((line) => line.startsWith('200'))).toHaveLength(1);
  });

  it('signs in one of two who typed it in the same moment', async () => {
    const { requestId, code } = await asked(await newBuyer());
    const { throttles } = server.deps;
    let goOn = (): void => undefined;
    const both = new Promise<void>((resolve) => (goOn = resolve));
    let there = 0;
    // Where both have had their try, and none has used the code up.
    const give = () => {
      there += 1;
      if (there === 2) goOn();
      return both;
    };
    const portalGuessAddress = { ...throttles.portalGuessAddress, give };
    const deps = { ...server.deps, throttles: { ...throttles, portalGuessAddress } };
    const enterHere = () => signInByCode(deps, { requestId, code }, { kind: 'api', address: '127.0.0.1' });
    const answers = await Promise.allSettled([enterHere(), enterHere()]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('bears five tries, also of fifty at once, and then not even the right one', async () => {
    const { requestId, code } = await asked(await newBuyer());
    const answers = await Promise.all(Array.from({ length: 50 }, () => enter(requestId, other(code))));
    const expected = [...Array<string>(5).fill(WRONG), ...Array<string>(45).fill(USED_UP)];
    expect(tally(answers)).toEqual(expected);
    expect(tally([await enter(requestId, code)])).toEqual([USED_UP]);
  });

  it('is good at the fifth try', async () => {
    const { requestId, code } = await asked(await newBuyer());
    for (let tries = 0; tries < 4; tries++) expect((await enter(requestId, other(code))).status).toBe(401);
    expect((await enter(requestId, code)).status).toBe(200);
  });

  it('ends after ten minutes', async () => {
    const { requestId, code } = await asked(await newBuyer());
    const late = await asked(await newBuyer());
    now += 10 * MINUTE - 1;
    expect((await enter(requestId, code)).status).toBe(200);
    now += 1;
    expect(tally([await enter(late.requestId, late.code)])).toEqual(['410 {"requestId":["expired"]}']);
  });

  it('is not mailed any more when it has expired meanwhile', async () => {
    const email = await newBuyer();
    await ask(email);
    now += 10 * MINUTE;
    expect(await mailTo(email)).toEqual([]);
  });

  it('belongs to the request that it was asked for in', async () => {
    const email = await newBuyer();
    const first = await asked(email);
    const second = await asked(await newBuyer());
    expect(tally([await enter(second.requestId, first.code)])).toEqual([WRONG]);
    const unknown = await enter('A'.repeat(43), first.code);
    expect(tally([unknown])).toEqual(['404 {"requestId":["not_found"]}']);
    expect((await enter(first.requestId, first.code)).status).toBe(200);
  });

  it('is stored so that whoever reads the database learns nothing of use', async () => {
    const { requestId, code } = await asked(await newBuyer());
    const { rows } = await sql<{ row: string }>`select t::text as row from portal_codes t`.execute(server.deps.db);
    const text = rows.map(({ row }) => row).join();
    for (const secret of [requestId, `,${code},`]) expect(text).not.toContain(secret);
    const { rows: jobs } = await sql<{
      row: string;
    }>`select j::text as row from graphile_worker._private_jobs j`.execute(server.deps.db);
    expect(jobs.map(({ row }) => row).join()).not.toContain('example.com');
    const { token } = (await enter(requestId, code)).json;
    const { rows: sessions } = await sql<{ row: string }>`select t::text as row from portal_sessions t`.execute(
      server.deps.db,
    );
    const kept = sessions.map(({ row }) => row).join();
    expect([kept.includes(token.slice(4)), kept.includes(hashSecret(token).toString('hex'))]).toEqual([false, true]);
  });
});

describe('an address that nothing was bought under', () => {
  const without = ({ headers }: Answer) => {
    const { 'request-id': _id, date: _date, ...rest } = headers;
    return rest;
  };

  it('is answered like any other, and is not written to', async () => {
    const [known, unknown] = [await newBuyer(), 'nobody@example.com'];
    const answers = [await ask(known), await ask(unknown)] as const;
    expect(without(answers[0])).toEqual(without(answers[1]));
    expect(answers[0].status).toBe(answers[1].status);
    expect(answers[0].json.expiresAt).toBe(answers[1].json.expiresAt);
    expect(answers[0].body.length).toBe(answers[1].body.length);
    expect([(await mailTo(known)).length, (await mailTo(unknown)).length]).toEqual([1, 0]);
    const guesses = await Promise.all(
      answers.map(async ({ json }) => {
        const guessed = [];
        for (let tries = 0; tries < 7; tries++) guessed.push(await enter(json.requestId, '000000'));
        return guessed;
      }),
    );
    const [one = [], two = []] = guesses;
    expect(tally(one)).toEqual(tally(two));
    expect(one.map(without)).toEqual(two.map(without));
  });

  it('makes the server do the same work, so that time tells nothing either', async () => {
    const work = async (email: string) => {
      ran.length = 0;
      const { requestId } = (await ask(email)).json;
      for (let tries = 0; tries < 6; tries++) await enter(requestId, '000000');
      return [...ran];
    };
    const known = await work(await newBuyer());
    expect(known.filter((statement) => statement.startsWith('insert into "portal_codes"'))).toHaveLength(1);
    expect(known.filter((statement) => statement.includes('purchases'))).toEqual([]);
    expect(await work('nobody-at-work@example.com')).toEqual(known);
  });

  it('is slowed like any other: five codes in an hour', async () => {
    for (const email of [await newBuyer(), 'nobody5@example.com']) {
      for (let times = 0; times < 5; times++) expect((await ask(email)).status).toBe(200);
      const { status, headers, json } = await ask(email);
      expect([status, json]).toEqual([429, { error: { generic: ['slow_down'] } }]);
      const wait = Number(headers['retry-after']);
      expect(wait).toBeGreaterThan(3500);
      expect(wait).toBeLessThanOrEqual(3600);
    }
  });

  it('does not become known by a purchase that was refunded', async () => {
    const email = await newBuyer();
    const [{ id } = { id: '' }] = (
      await server.client.get('/api/purchases', { as: pair.own.apiKey, query: { customerEmail: email } })
    ).json;
    await server.client.post(`/api/purchases/${id}/refund`, { as: pair.own.apiKey });
    await ask(email);
    expect(await mailTo(email)).toEqual([]);
  });
});

describe('whoever asks too often from one place', () => {
  it('waits, whatever the addresses are', async () => {
    for (let times = 0; times < 30; times++) expect((await ask(`place${times}@example.com`)).status).toBe(200);
    expect((await ask('place30@example.com')).status).toBe(429);
  });

  it('guesses a hundred times in a quarter of an hour, and good codes are not counted', async () => {
    const { requestId, code } = await asked(await newBuyer());
    const { portalGuessAddress } = server.deps.throttles;
    for (let tries = 0; tries < 99; tries++) await portalGuessAddress.take('127.0.0.1');
    expect((await enter(requestId, code)).status).toBe(200);
    expect((await enter(requestId, code)).status).toBe(410);
    const { status, headers } = await enter(requestId, code);
    expect([status, Number(headers['retry-after']) > 800]).toEqual([429, true]);
  });
});

it.each([
  [{}, { email: ['is_blank'] }],
  [{ email: '   ' }, { email: ['invalid_format'] }],
  [{ email: 'no address' }, { email: ['invalid_format'] }],
  [{ email: `${'a'.repeat(250)}@b.example` }, { email: ['invalid_format'] }],
  [{ email: 'a\r\nBcc: b@example.com@example.com' }, { email: ['invalid_format'] }],
  [{ email: 'a@b.example', more: 1 }, { more: ['unknown_field'] }],
])('%j is no address', async (json, error) => {
  const answer = await server.client.post('/api/my/codes', { json });
  expect([answer.status, answer.json]).toEqual([400, { error }]);
});
