import { throttleKey } from '../../src/oauth2/throttle.ts';
import { createSession } from '../../src/sessions/actions.ts';
import { createCode, createTestApplication } from '../../src/testing/applications.ts';
import { postForm } from '../../src/testing/oauth2.ts';
import type { Tenant, World } from '../world.ts';
import { byCode } from './generic.ts';
import type { Happy, Plan, Recipe, Recipes } from './plan.ts';

/** A code of a new application, and the form that exchanges it. */
async function exchangeForm({ deps }: World, { orgId, admin, member }: Tenant): Promise<Record<string, string>> {
  const application = await createTestApplication(deps, { orgId, userId: admin.userId });
  const { clientId, clientSecret = '', redirectUris } = application;
  const code = await createCode(deps, member, application);
  const client = { client_id: clientId, client_secret: clientSecret };
  return { grant_type: 'authorization_code', code, redirect_uri: redirectUris[0] ?? '', ...client };
}

/** An access token with the credentials of its application. */
const withToken: Happy = async (world, tenant) => {
  const { client_id = '', client_secret = '', ...exchange } = await exchangeForm(world, tenant);
  const client = { client_id, client_secret };
  const { json } = await postForm(world.server.client, '/oauth2/access_token', { ...exchange, ...client });
  // A suspended organisation gets none; it is refused before the token matters.
  return { form: { token: json.access_token ?? 'none', ...client } };
};

const changed =
  (change: Record<string, string>): Recipe =>
  async ({ world, happy }) => {
    const { form, ...plan } = await happy(world.main);
    return { ...plan, form: { ...form, ...change } };
  };

const slowedDown: Recipe = async ({ world, happy }) => {
  const plan = await happy(world.main);
  const key = throttleKey(plan.form?.client_id ?? '', '127.0.0.1');
  const { tokenEndpoint } = world.deps.throttles;
  for (let tries = 0; tries < 100; tries++) await tokenEndpoint.take(key);
  return plan;
};

function special(id: string, needed: string): Record<string, Recipe | undefined> {
  return {
    [`${id} 400 invalid_request`]: changed({ [needed]: '' }),
    ...(id === 'revokeAccessToken'
      ? {}
      : { [`${id} 400 unauthorized_client`]: (({ world, happy }) => happy(world.suspended)) satisfies Recipe }),
    [`${id} 401`]: changed({ client_secret: 'wrong' }),
    [`${id} 413`]: byCode.payload_too_large,
    [`${id} 415`]: byCode.unsupported_media_type,
    [`${id} 429`]: slowedDown,
    [`${id} 500`]: byCode.internal_server_error,
    [`${id} 503`]: byCode.unavailable,
  };
}

/** A request that the member's browser makes. */
async function authorization({ deps }: World, { orgId, admin, member }: Tenant): Promise<Plan> {
  const { clientId } = await createTestApplication(deps, { orgId, userId: admin.userId });
  const browser = { userId: member.userId, address: '127.0.0.1', userAgent: 'contract' };
  const { token } = await createSession(deps.db, deps, browser);
  return {
    query: { response_type: 'code', client_id: clientId, state: 'state' },
    headers: { Cookie: `continuity_session=${token}` },
  };
}

export const oauth2: Recipes = {
  happy: {
    createAccessToken: async (world, tenant) => ({ form: await exchangeForm(world, tenant) }),
    revokeAccessToken: withToken,
    introspectAccessToken: withToken,
    authorizeApplication: authorization,
  },
  special: {
    ...(special('createAccessToken', 'code') as Record<string, Recipe>),
    ...(special('revokeAccessToken', 'token') as Record<string, Recipe>),
    ...(special('introspectAccessToken', 'token') as Record<string, Recipe>),
    'createAccessToken 400 invalid_grant': changed({ code: 'wrong' }),
    'createAccessToken 400 unsupported_grant_type': changed({ grant_type: 'password' }),
    'authorizeApplication 303': async ({ world, happy }) => {
      const { headers: _cookie, ...plan } = await happy(world.main);
      return plan;
    },
    'authorizeApplication 400': async ({ world, happy }) => {
      const { query, ...plan } = await happy(world.main);
      return { ...plan, query: { ...query, redirect_uri: 'https://elsewhere.example/' } };
    },
    'authorizeApplication 500': ({ happy, world }) => happy(world.main).then((plan) => ({ ...plan, app: 'faulty' })),
    'authorizeApplication 503': ({ happy, world }) => happy(world.main).then((plan) => ({ ...plan, app: 'down' })),
  },
};
