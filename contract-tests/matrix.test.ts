import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../generated/operations.ts';
import { settled } from '../src/downloads/delivery.ts';
import { codesIn } from '../src/testing/check.ts';
import type { Answer } from '../src/testing/client.ts';
import { type Documented, documented } from '../src/testing/document.ts';
import { startTestServer, type TestServer } from '../src/testing/server.ts';
import document from '../generated/openapi.json' with { type: 'json' };
import { describeScope, isScope, SCOPES } from '../src/oauth2/scopes.ts';
import { revokeRunner } from '../src/runners/actions.ts';
import { createAccessToken } from '../src/testing/applications.ts';
import { createPortalToken } from '../src/testing/portal.ts';
import { scopesOf, tokenWithout } from './recipes/generic.ts';
import { happyPlan } from './recipes/index.ts';
import { freshRunner } from './recipes/leases.ts';
import type { Plan } from './recipes/plan.ts';
import { write } from './recipes/write.ts';
import { createWorld, type Tenant, type World } from './world.ts';

let server: TestServer;
let world: World;
beforeAll(async () => {
  server = await startTestServer();
  world = await createWorld(server);
});
afterAll(() => server.stop());

const WRONG_KEY = `ct_${'x'.repeat(43)}`;
/** Operations that are meant for everybody. A new one without security must be named here or take a download token. */
const PUBLIC = [
  ...['ping', 'getHealth', 'getReadiness', 'getJwks', 'getDownloadScript', 'getOauthMetadata', 'authorizeApplication'],
  ...['createAccessToken', 'revokeAccessToken', 'introspectAccessToken'],
  // Signed by who sends them.
  ...['receiveStripeWebhook', 'receiveOrganisationStripeWebhook', 'receiveShopifyWebhook', 'receiveWoocommerceWebhook'],
  ...['receiveFastspringWebhook', 'receiveVibracartproWebhook'],
  ...['createPortalCode', 'createPortalSession'],
  'receiveGithubPush',
];

interface Ask {
  readonly plan?: Plan;
  /** Instead of the plan's key. */
  readonly key?: string | null;
  readonly authorization?: string;
}

async function ask(operation: Documented, { plan = {}, key, authorization }: Ask): Promise<Answer> {
  const wire = write(operation, { ...plan, ...(key === undefined ? {} : { key }) }, server.url, null);
  const headers = { ...wire.headers, ...(authorization === undefined ? {} : { Authorization: authorization }) };
  const { body } = wire;
  return server.client.request(
    wire.method,
    wire.path,
    body.length === 0 ? { headers } : { headers, body, json: plan.json },
  );
}

const happy = (tenant: Tenant, operation: Documented) => happyPlan(world, tenant, operation);
const basic = (email: string, key: string) => `Basic ${Buffer.from(`${email}:${key}`).toString('base64')}`;

function expectError(answer: Answer, status: number, code: string): void {
  expect([answer.status, codesIn(answer.json)]).toEqual([status, [code]]);
}

/** Every row that belongs to the organisation, in every table that has owners. */
async function rowsOf(orgId: string): Promise<string> {
  const { db } = server.deps;
  // What was delivered before is written down a moment after its last byte.
  await settled(server.deps);
  const { rows: tables } = await sql<{ name: string }>`select table_name as name from information_schema.columns
    where table_schema = 'public' and column_name = 'organisation_id' order by 1`.execute(db);
  expect(tables.length).toBeGreaterThan(5);
  const all = await Promise.all(
    tables.map(({ name }) =>
      sql<{ row: string }>`select t::text as row from ${sql.table(name)} t where organisation_id = ${orgId} order by 1`
        .execute(db)
        .then(({ rows }) => [name, rows]),
    ),
  );
  return JSON.stringify(all, null, 1);
}

/** What must never reach another account: the owner's ids, and whatever the request named. */
function secretsOf(tenant: Tenant, { params = {}, json = {} }: Plan): string[] {
  const named = [...Object.values(params), ...Object.values(json)].filter((value) => typeof value === 'string');
  const own = [tenant.orgId, tenant.base.product, tenant.base.versionId, tenant.owner.email, tenant.member.email];
  return [...own, ...named.filter((value) => value.length > 8 && value !== tenant.base.pack.sha256)];
}

it('covers every operation of the table that the server mounts', () => {
  expect(documented.map(({ id }) => id).sort()).toEqual(Object.keys(operations).sort());
});

const isPublic = ({ operation }: Documented) => (operation.security as unknown[]).length === 0;
const roleOf = ({ operation }: Documented) => operation['x-role'] as 'owner' | 'admin' | 'member';
const isForCustomers = ({ operation }: Documented) => JSON.stringify(operation.security) === '[{"portalToken":[]}]';
const isForRunners = ({ operation }: Documented) => JSON.stringify(operation.security) === '[{"runnerToken":[]}]';
const customers = documented.filter(isForCustomers);
const runners = documented.filter(isForRunners);
const guarded = documented.filter((one) => ![isPublic, isForCustomers, isForRunners].some((other) => other(one)));
const open = documented.filter(isPublic);

describe.each(guarded.map((operation) => [operation.id, operation] as const))('%s', (_id, operation) => {
  it('refuses a call without credentials, and with wrong ones', async () => {
    const plan = await happy(world.main, operation);
    const owner = world.main.owner;
    const wrong = [
      WRONG_KEY,
      `${owner.apiKey.slice(0, -1)}${owner.apiKey.endsWith('A') ? 'B' : 'A'}`,
      owner.email,
      '',
    ].map((key) => `Bearer ${key}`);
    const mixed = [basic(owner.email, WRONG_KEY), basic(world.foreign.owner.email, owner.apiKey), 'Digest a="b"'];
    const portal = [await createPortalToken(server.deps, owner.email)].map((token) => `Bearer ${token}`);
    expectError(await ask(operation, { plan, key: null }), 401, 'unauthorized');
    for (const authorization of [...wrong, ...mixed, ...portal])
      expectError(await ask(operation, { plan, key: null, authorization }), 401, 'unauthorized');
  });

  it('takes the key as Bearer and as Basic', async () => {
    const bearer = await ask(operation, { plan: await happy(world.main, operation) });
    expect(bearer.status).toBeLessThan(300);
    const plan = await happy(world.main, operation);
    const email = await emailOf(plan.key ?? '');
    const answer = await ask(operation, { plan, key: null, authorization: basic(email, plan.key ?? '') });
    expect(answer.status).toBeLessThan(300);
  });

  it('shows and changes nothing of another account', async () => {
    const plan = await happy(world.main, operation);
    const { key } = await happy(world.foreign, operation);
    const before = await rowsOf(world.main.orgId);
    const answer = await ask(operation, { plan: { ...plan, key: key ?? null } });
    expect([200, 201, 404]).toContain(answer.status);
    if (answer.status === 404) expect(codesIn(answer.json)).toEqual(['not_found']);
    else expect(namesOwner(plan)).toBe(false);
    const text = answer.body.toString();
    for (const secret of secretsOf(world.main, plan).filter((one) => !isOwnName(operation, one, plan)))
      expect(text).not.toContain(secret);
    expect(await rowsOf(world.main.orgId)).toBe(before);
  });

  it('asks for the documented role, and for no more', async () => {
    const roles = ['member', 'admin', 'owner'] as const;
    const least = roles.indexOf(roleOf(operation));
    for (const [rank, role] of roles.entries()) {
      const plan = await happy(world.main, operation);
      const key = plan.key !== world.main[roleOf(operation)].apiKey ? plan.key : world.main[role].apiKey;
      const before = await rowsOf(world.main.orgId);
      const answer = await ask(operation, { plan, key: key ?? null });
      if (rank >= least) expect(answer.status).toBeLessThan(300);
      else {
        expectError(answer, 403, 'insufficient_role');
        expect(await rowsOf(world.main.orgId)).toBe(before);
      }
    }
  });

  const scopes = scopesOf(operation);

  it('takes an access token exactly where the document lists oauth2, in the header and in the query', async () => {
    const token = await createAccessToken(server.deps, world.main[roleOf(operation)], scopes ?? SCOPES);
    for (const place of ['header', 'query'] as const) {
      const plan = await happy(world.main, operation);
      const before = await rowsOf(world.main.orgId);
      const answer = await ask(operation, place === 'header' ? { plan, key: token } : { plan: inQuery(plan, token) });
      if (scopes) expect(answer.status).toBeLessThan(300);
      else {
        expectError(answer, 401, 'unauthorized');
        expect(await rowsOf(world.main.orgId)).toBe(before);
      }
    }
  });

  if (scopes)
    it('refuses an access token that lacks its scope, and lets the role narrow one that has it', async () => {
      const plan = await happy(world.main, operation);
      const key = await tokenWithout(world, operation);
      const before = await rowsOf(world.main.orgId);
      expectError(await ask(operation, { plan, key }), 403, 'insufficient_scope');
      expect(await rowsOf(world.main.orgId)).toBe(before);
      if (roleOf(operation) === 'member') return;
      const token = await createAccessToken(server.deps, world.main.member, SCOPES);
      const beforeRole = await rowsOf(world.main.orgId);
      expectError(await ask(operation, { plan, key: token }), 403, 'insufficient_role');
      expect(await rowsOf(world.main.orgId)).toBe(beforeRole);
    });

  it('refuses a suspended account', async () => {
    const plan = await happy(world.suspended, operation);
    const before = await rowsOf(world.suspended.orgId);
    expectError(await ask(operation, { plan }), 401, 'account_suspended');
    expect(await rowsOf(world.suspended.orgId)).toBe(before);
  });

  it('refuses an account that owes money exactly where the document says so', async () => {
    const plan = await happy(world.unpaid, operation);
    const before = await rowsOf(world.unpaid.orgId);
    const answer = await ask(operation, { plan });
    if (!operation.statuses.has(402)) return expect(answer.status).toBeLessThan(300);
    expectError(answer, 402, 'payment_required');
    expect(await rowsOf(world.unpaid.orgId)).toBe(before);
  });
});

/** The token in the query decides alone: the Basic credentials beside it are nobody's. */
function inQuery(plan: Plan, token: string): Plan {
  const headers = { ...plan.headers, Authorization: basic('nobody@example.com', WRONG_KEY) };
  return { ...plan, key: null, query: { ...plan.query, oauth_token: token }, headers };
}

/** Whether the request names anything of the owner's, so that only 404 can be the answer. */
function namesOwner({ params = {}, json = {} }: Plan): boolean {
  // Each organisation has every vendor.
  const { vendor: _vendor, ...own } = params;
  const named = [...Object.values(own), json.vendorId, json.productId];
  return named.some((value) => value !== undefined);
}

/** A name that the caller chose for something new of its own comes back to it. */
function isOwnName({ id }: Documented, value: string, { json = {} }: Plan): boolean {
  const chosen = [json.slug, json.name, json.email, json.repository_url].includes(value);
  return (
    ['createProduct', 'createApplication', 'createInvitation', 'createProject', 'createRunner'].includes(id) && chosen
  );
}

async function emailOf(key: string): Promise<string> {
  return (await server.client.get('/whoami', { as: key })).json.response.email;
}

describe.each(customers.map((operation) => [operation.id, operation] as const))(
  '%s, for customers',
  (_id, operation) => {
    it('takes the token of a customer', async () => {
      expect((await ask(operation, { plan: await happy(world.main, operation) })).status).toBeLessThan(300);
    });

    it('takes nothing else: no key of any role, no access token of any scope, neither in the header nor in the query', async () => {
      const plan = await happy(world.main, operation);
      const { owner, admin, member } = world.main;
      const oauth = await createAccessToken(server.deps, owner, SCOPES);
      const before = await rowsOf(world.main.orgId);
      const browser = await createPortalToken(server.deps, owner.email, 'browser');
      for (const key of [null, WRONG_KEY, owner.apiKey, admin.apiKey, member.apiKey, oauth, browser, `ctm_${browser}`])
        expectError(await ask(operation, { plan, key }), 401, 'unauthorized');
      const authorization = basic(owner.email, plan.key ?? '');
      expectError(await ask(operation, { plan, key: null, authorization }), 401, 'unauthorized');
      const query = { ...plan.query, oauth_token: oauth };
      expectError(await ask(operation, { plan: { ...plan, query } }), 401, 'unauthorized');
      expect(await rowsOf(world.main.orgId)).toBe(before);
    });

    it('shows and changes nothing of another customer', async () => {
      const plan = await happy(world.main, operation);
      const { key } = await happy(world.foreign, operation);
      const before = await rowsOf(world.main.orgId);
      const answer = await ask(operation, { plan: { ...plan, key: key ?? null } });
      if (plan.params) expectError(answer, 404, 'not_found');
      else expect(answer.status).toBe(200);
      for (const secret of secretsOf(world.main, plan)) expect(answer.body.toString()).not.toContain(secret);
      expect(await rowsOf(world.main.orgId)).toBe(before);
      const purchases = server.client.get('/api/my/purchases', { as: plan.key ?? '' });
      expect((await purchases).status).toBe(200);
    });
  },
);

describe.each(runners.map((operation) => [operation.id, operation] as const))('%s, for runners', (_id, operation) => {
  it('takes the token of a runner', async () => {
    expect((await ask(operation, { plan: await happy(world.main, operation) })).status).toBeLessThan(300);
  });

  it('takes nothing else: no key, no access token, no token of a customer or of a runner that was revoked', async () => {
    const plan = await happy(world.main, operation);
    const { owner, admin, member, orgId } = world.main;
    const oauth = await createAccessToken(server.deps, owner, SCOPES);
    const portal = await createPortalToken(server.deps, owner.email);
    const revoked = await freshRunner(world, world.main);
    const actor = { organisationId: orgId, userId: admin.userId };
    await revokeRunner(server.deps.db, server.deps, actor, revoked.id);
    const before = await rowsOf(orgId);
    for (const key of [null, WRONG_KEY, owner.apiKey, admin.apiKey, member.apiKey, oauth, portal, revoked.token])
      expectError(await ask(operation, { plan, key }), 401, 'unauthorized');
    for (const name of [owner.email, '', plan.key ?? ''])
      expectError(
        await ask(operation, { plan, key: null, authorization: basic(name, plan.key ?? '') }),
        401,
        'unauthorized',
      );
    for (const token of [oauth, plan.key ?? ''])
      for (const key of [plan.key ?? '', null]) {
        const query = { ...plan.query, oauth_token: token };
        expectError(await ask(operation, { plan: { ...plan, query, key } }), 401, 'unauthorized');
      }
    expect(await rowsOf(orgId)).toBe(before);
  });

  it('shows and changes nothing of another organisation, nor of a task that another runner has', async () => {
    const plan = await happy(world.main, operation);
    const [stranger, colleague] = [await freshRunner(world, world.foreign), await freshRunner(world, world.main)];
    const before = await rowsOf(world.main.orgId);
    const answer = await ask(operation, { plan, key: stranger.token });
    if (plan.params === undefined) expect(answer.status).toBe(200);
    else expectError(answer, 404, 'not_found');
    for (const secret of secretsOf(world.main, plan)) expect(answer.body.toString()).not.toContain(secret);
    if (plan.params !== undefined) expectError(await ask(operation, { plan, key: colleague.token }), 409, 'conflict');
    expect(await rowsOf(world.main.orgId)).toBe(before);
  });

  it('refuses a suspended account, and goes on for one that owes money', async () => {
    const plan = await happy(world.suspended, operation);
    const before = await rowsOf(world.suspended.orgId);
    expectError(await ask(operation, { plan }), 401, 'account_suspended');
    expect(await rowsOf(world.suspended.orgId)).toBe(before);
    expect((await ask(operation, { plan: await happy(world.unpaid, operation) })).status).toBeLessThan(300);
  });
});

describe.each(open.map((operation) => [operation.id, operation] as const))(
  '%s, without credentials',
  (id, operation) => {
    it('is public by name, or opened by a download token alone', () => {
      const token = operation.parameters.find(({ name }) => name === 'token');
      expect(PUBLIC.includes(id) || token?.required === true).toBe(true);
    });

    it('ignores an API key, right or wrong', async () => {
      const expected = (await ask(operation, { plan: await happy(world.main, operation) })).status;
      expect(expected).toBeLessThan(300);
      for (const key of [WRONG_KEY, world.foreign.member.apiKey, world.suspended.member.apiKey])
        expect((await ask(operation, { plan: await happy(world.main, operation), key })).status).toBe(expected);
    });

    if (PUBLIC.includes(id)) return;

    it('opens nothing under an unknown token, an API key or another token of the same account', async () => {
      const plan = await happy(world.main, operation);
      const before = await rowsOf(world.main.orgId);
      for (const token of ['0'.repeat(64), world.main.owner.apiKey])
        expectError(await ask(operation, { plan: { ...plan, query: { token } } }), 404, 'not_found');
      expect(await rowsOf(world.main.orgId)).toBe(before);
      if (plan.params?.sessionId === undefined) return;
      const { query = {} } = await happy(world.main, operation);
      expectError(await ask(operation, { plan: { ...plan, query } }), 404, 'not_found');
    });

    it('stops with the account, and goes on when it owes money', async () => {
      const suspended = await ask(operation, { plan: await happy(world.suspended, operation) });
      expectError(suspended, 403, 'resource_temporary_unavailable');
      const unpaid = await ask(operation, { plan: await happy(world.unpaid, operation) });
      expect(unpaid.status).toBeLessThan(300);
    });
  },
);

describe('scopes', () => {
  const { flows } = document.components.securitySchemes.oauth2;
  const opened = (scope: string) => documented.filter((one) => scopesOf(one)?.includes(scope)).map(({ id }) => id);

  it.each(SCOPES)('%s: what the document says of it is what it opens', (scope) => {
    const ids = opened(scope);
    const opens = ids.length === 0 ? 'Opens nothing in this version.' : `Opens ${ids.join(', ')}.`;
    for (const flow of [flows.authorizationCode, flows.implicit])
      expect(flow.scopes[scope]).toBe(`${describeScope(scope)}. ${opens}`);
  });

  it('are all there are', () => {
    expect(Object.keys(flows.authorizationCode.scopes)).toEqual(SCOPES);
    expect(documented.flatMap((one) => scopesOf(one) ?? []).filter((scope) => !isScope(scope))).toEqual([]);
  });
});
