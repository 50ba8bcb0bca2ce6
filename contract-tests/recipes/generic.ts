import { sql } from 'kysely';
import { SCOPES } from '../../src/oauth2/scopes.ts';
import { problemsOf } from '../../src/testing/check.ts';
import { type Node, resolve } from '../../src/testing/document.ts';
import { createAccessToken } from '../../src/testing/applications.ts';
import { addCollaborator } from '../../src/testing/projects.ts';
import { untilSomebodyWaits } from '../../src/testing/waiting.ts';
import { freshToken, type Tenant, type TokenState, unique, type World } from '../world.ts';
import type { Case, Plan, Recipe } from './plan.ts';
import { type Wire, write } from './write.ts';

const IDEMPOTENCY = 'Idempotency-Key';

const asTenant =
  (pick: (current: Case) => Tenant): Recipe =>
  (current) =>
    current.happy(pick(current));

const change =
  (alter: (plan: Plan, current: Case) => Plan | Promise<Plan>): Recipe =>
  async (current) =>
    alter(await current.happy(current.world.main), current);

/** The same request with a token in a state in which nothing is served; what else it names belongs to that token. */
const tokenIn =
  (state: TokenState): Recipe =>
  async ({ world, happy }) => {
    const { token } = await freshToken(world, world.main, state);
    return { ...(await happy(world.main)), query: { token } };
  };

/** Requests by error code: derived from a successful request and what the document says of the operation. */
export const byCode: Readonly<Record<string, Recipe>> = {
  unauthorized: change((plan) => ({ ...plan, key: null })),
  account_suspended: asTenant(({ world }) => world.suspended),
  payment_required: asTenant(({ world }) => world.unpaid),
  insufficient_scope: change(async (plan, { world, operation }) => ({
    ...plan,
    key: await tokenWithout(world, operation),
  })),
  insufficient_role: (current) =>
    current.operation.operation['x-role'] === 'member' ? asCollaborator(current) : withRoleBelow(current),
  not_found: async (current) => {
    const { world, operation } = current;
    if (isPublic(operation.operation))
      return { ...(await current.happy(world.main)), query: { token: '0'.repeat(64) } };
    return { ...(await current.happy(world.foreign)), key: keyFor(world.main, operation.operation) };
  },
  invalid_json: change(({ json: _json, ...plan }) => ({ ...plan, body: '{' })),
  is_blank: change(blank),
  invalid_format: change(malformed),
  unknown_field: change((plan, { operation }) =>
    operation.operation['x-query'] === 'open'
      ? { ...plan, json: { ...plan.json, nope: 1 } }
      : { ...plan, query: { ...plan.query, nope: '1' } },
  ),
  expired: tokenIn('expired'),
  revoked: tokenIn('revoked'),
  used_up: tokenIn('used_up'),
  resource_temporary_unavailable: asTenant(({ world }) => world.suspended),
  payload_too_large: change(({ json: _json, ...plan }, { operation }) => ({
    ...plan,
    body: Buffer.alloc(Number(operation.operation['x-max-body']) + 1, ' '),
  })),
  unsupported_media_type: change((plan) => ({ ...plan, headers: { 'Content-Type': 'text/plain' } })),
  range_not_satisfiable: change((plan) => ({ ...plan, headers: { Range: 'bytes=999999999999-' } })),
  idempotency_key_reused: change(async (plan, current) => {
    const keyed = { ...plan, headers: { [IDEMPOTENCY]: unique('key') } };
    await perform(current, keyed);
    return {
      ...keyed,
      json: { ...plan.json, ...(await current.happy(current.world.main)).json, ...OTHER[current.operation.id] },
    };
  }),
  request_in_progress: change(inProgress),
  internal_server_error: change((plan) => ({ ...plan, app: 'faulty' })),
  unavailable: change((plan) => ({ ...plan, app: 'down' })),
};

/** A second body for operations whose successful one is always the same. */
const OTHER: Readonly<Record<string, Node>> = {
  generateDownloadUrl: { maxDownloads: 2 },
  generatePortalDownloadUrl: { version: '2.0.0' },
};

/** Requests by status, where no code tells. */
export const byStatus: Readonly<Record<number, Recipe>> = {
  200: change((plan, { entry }) => (entry.mediaType === 'application/javascript' ? asScript(plan) : plan)),
  201: change((plan) => plan),
  206: change(async (plan, current) => {
    const { body } = await perform(current, plan);
    return { ...plan, headers: { Range: 'bytes=2-9' }, bytes: body.subarray(2, 10) };
  }),
  304: change(async (plan, current) => {
    const { headers } = await perform(current, plan);
    return { ...plan, headers: { 'If-None-Match': String(headers.etag) } };
  }),
};

const asScript = (plan: Plan): Plan => ({ ...plan, query: { ...plan.query, callback: 'my_json_function' } });

const isPublic = (operation: Node): boolean => (operation.security as unknown[]).length === 0;

const isForUsers = (operation: Node): boolean =>
  (operation.security as object[]).some((requirement) => 'apiKey' in requirement);

/** The key of the least role that may call the operation; recipes bring the token of a customer or a runner themselves. */
export function keyFor(tenant: Tenant, operation: Node): string | null {
  if (!isForUsers(operation)) return null;
  return tenant[operation['x-role'] as 'owner' | 'admin' | 'member'].apiKey;
}

/** On a project of another organisation, by a user who collaborates on it. */
async function asCollaborator({ world, happy }: Case): Promise<Plan> {
  const { foreign, main, deps } = world;
  const plan = await happy(foreign);
  const project = { id: plan.params?.['project_id'] ?? '', organisation_id: foreign.orgId };
  await addCollaborator(deps, project, { email: main.member.email, user: main.member.userId });
  return { ...plan, key: main.member.apiKey };
}

const withRoleBelow: Recipe = change((plan, { world, operation }) => ({
  ...plan,
  key: keyBelow(world.main, operation),
}));

function keyBelow(tenant: Tenant, { operation }: Case['operation']): string {
  return operation['x-role'] === 'owner' ? tenant.admin.apiKey : tenant.member.apiKey;
}

/** An access token of the least role that may call the operation, granted every scope but those it asks for. */
export function tokenWithout(world: World, operation: Case['operation']): Promise<string> {
  const required = scopesOf(operation) ?? [];
  const account = world.main[operation.operation['x-role'] as 'owner' | 'admin' | 'member'];
  return createAccessToken(
    world.deps,
    account,
    SCOPES.filter((scope) => !required.includes(scope)),
  );
}

/** What an access token must have been granted; undefined where none may act. */
export function scopesOf({ operation }: Case['operation']): string[] | undefined {
  const security = operation.security as { oauth2?: string[] }[];
  return security.find((requirement) => requirement.oauth2 !== undefined)?.oauth2;
}

export function bodySchema({ operation }: Case['operation']): Node | undefined {
  const { content } = resolve(operation.requestBody ?? {}) as { content?: Node };
  const json = content?.['application/json'] as { schema?: unknown } | undefined;
  return json?.schema === undefined ? undefined : resolve(json.schema);
}

function blank(plan: Plan, { operation }: Case): Plan {
  const [field] = (bodySchema(operation)?.required ?? []) as string[];
  if (field !== undefined) {
    const { [field]: _left, ...json } = plan.json ?? {};
    return { ...plan, json };
  }
  const parameter = operation.parameters.find((one) => one.in === 'query' && one.required);
  if (!parameter) throw new Error('nothing can be left out');
  const { [String(parameter.name)]: _left, ...query } = plan.query ?? {};
  return { ...plan, query };
}

function malformed(plan: Plan, { operation }: Case): Plan {
  const properties = Object.entries((bodySchema(operation)?.properties ?? {}) as Record<string, unknown>);
  const text = properties.find(([, schema]) => resolve(schema).type === 'string');
  if (text) return { ...plan, json: { ...plan.json, [text[0]]: 42 } };
  const parameter = operation.parameters.find((one) => one.in === 'query');
  if (!parameter) throw new Error('nothing can be malformed');
  const { type, maxLength } = resolve(parameter.schema);
  const value = type === 'integer' ? 'many' : 'x'.repeat(Number(maxLength) + 1);
  return { ...plan, query: { ...plan.query, [String(parameter.name)]: value } };
}

/** Sends a preparing request through the checking client's rules. */
async function perform(current: Case, plan: Plan) {
  const wire = write(
    current.entry.operation,
    plan,
    current.world.server.url,
    keyFor(current.world.main, current.operation.operation),
  );
  const { status, headers, body } = await send(wire);
  if (status >= 400) throw new Error(`the preparing request was answered ${status}`);
  return { headers, body };
}

async function send({ url, method, path, headers, body }: Wire) {
  const response = await fetch(url + path, {
    method,
    headers,
    body: body.length === 0 ? null : new Uint8Array(body),
    signal: AbortSignal.timeout(10_000),
  });
  const received = {
    method,
    path,
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
    requestBody: body.length === 0 ? undefined : JSON.parse(body.toString()),
  };
  const problems = problemsOf(received);
  if (problems.length > 0) throw new Error(problems.join('; '));
  return received;
}

/**
 * The same request is still running when ours arrives: its transaction waits for the organisation's row, which another
 * session holds until the answer is there.
 */
async function inProgress(plan: Plan, current: Case): Promise<Plan> {
  const { world } = current;
  const keyed = { ...plan, headers: { [IDEMPOTENCY]: unique('key') } };
  const holder = await lockOrganisation(world, world.main);
  const running = perform(current, keyed);
  await untilSomebodyWaits(world.deps.db);
  return {
    ...keyed,
    async after() {
      await holder.release();
      await running;
    },
  };
}

/** Holds the organisation's row until it is released. */
async function lockOrganisation({ deps }: World, { orgId }: Tenant): Promise<{ release(): Promise<void> }> {
  return new Promise((held, failed) => {
    const transaction = deps.db.transaction().execute(async (tx) => {
      await sql`select from organisations where id = ${orgId} for update`.execute(tx);
      await new Promise<void>((done) => {
        held({
          async release() {
            done();
            await transaction;
          },
        });
      });
    });
    transaction.catch(failed);
  });
}
