import type { Context } from 'koa';
import { OpenAPIBackend } from 'openapi-backend';
import document from '../../generated/openapi.json' with { type: 'json' };
import { operations } from '../../generated/operations.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import type { Credential, Principal } from '../users/principal.ts';
import { findPrincipal, judge, readCredential } from './authenticate.ts';
import { checkContentType, readJson } from './body.ts';
import type { FusedHandler, FusedHandlers, Handlers, OperationId, Req } from './handler.ts';
import { idempotencyKey, once } from './idempotency.ts';
import { type Operation, operationTable, rolesFrom } from './operation.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { compileRouter } from './router.ts';
import { assertValidators, validateBody, validateQuery } from './validate.ts';

type LooseReply = (status: number, parts?: object) => Outcome;
type LooseHandler = (req: unknown, reply: LooseReply) => Outcome | Promise<Outcome>;
type LooseFused = FusedHandler<OperationId>;

/** An operation with everything about it that can be settled before the first request. */
interface Mounted extends Operation {
  readonly handler: LooseHandler;
  readonly fused: LooseFused | undefined;
  readonly queryNames: ReadonlySet<string>;
  readonly reply: LooseReply;
}

export interface Mount {
  find(path: string): ReturnType<ReturnType<typeof compileRouter<Mounted>>>;
  run(mounted: Mounted, params: Readonly<Record<string, string>>, ctx: Context): Promise<Outcome>;
}

/**
 * Binds every operation of the document to its handler. openapi-backend keeps the registry and refuses an unknown
 * operationId or a missing security handler; matching and validation are compiled once, here, since as shipped it
 * does both again on every request (README, "Decisions").
 */
export async function mountOperations(deps: Deps, handlers: Handlers, fused: FusedHandlers): Promise<Mount> {
  const api = new OpenAPIBackend({ definition: document as never, strict: true, quick: true, validate: false });
  await api.init();
  // As shipped the list is built anew for each handler that is registered: most of the time that the document costs.
  const listed = api.router.getOperations();
  api.router.getOperations = () => listed;
  for (const scheme of Object.keys(document.components.securitySchemes)) {
    api.registerSecurityHandler(scheme, (_context, credential: Credential) => findPrincipal(deps.hot, credential));
  }
  api.register(handlers as never);
  api.register('unauthorizedHandler', () => Promise.reject(fail('unauthorized')));
  assertValidators(operationTable);
  const mounted = operationTable.map((operation) => mountOne(operation, api, fused));
  return { find: compileRouter(mounted), run: (operation, params, ctx) => run(deps, operation, params, ctx) };
}

function mountOne(operation: Operation, api: OpenAPIBackend, fused: FusedHandlers): Mounted {
  const handler = api.handlers[operation.id] as unknown as LooseHandler | undefined;
  if (!handler) throw new Error(`${operation.id} has no handler`);
  if (operation.security.length > 0 && operation.role === null) throw new Error(`${operation.id} names no x-role`);
  const item = (
    document.paths as Record<string, Record<string, { parameters?: { $ref?: string; name?: string; in?: string }[] }>>
  )[operation.path];
  const parameters = item?.[operation.method]?.parameters ?? [];
  const queryNames = parameters.map(dereference).filter((parameter) => parameter.in === 'query');
  return {
    ...operation,
    handler,
    fused: fused[operation.id] as LooseFused | undefined,
    queryNames: new Set(queryNames.map((parameter) => parameter.name ?? '')),
    reply: (status, parts = {}) => outcomeOf(status, parts, operation.surface),
  };
}

function dereference(parameter: { $ref?: string; name?: string; in?: string }): { name?: string; in?: string } {
  if (parameter.$ref === undefined) return parameter;
  const name = parameter.$ref.split('/').at(-1) ?? '';
  return (document.components.parameters as Record<string, { name?: string; in?: string }>)[name] ?? {};
}

type Inputs = Omit<Req<OperationId>, 'principal'>;

/** The order of architecture.md rule 4; each step throws, so a step that is skipped can only refuse too much. */
async function run(
  deps: Deps,
  operation: Mounted,
  path: Readonly<Record<string, string>>,
  ctx: Context,
): Promise<Outcome> {
  if (operation.noStore) ctx.res.setHeader('Cache-Control', 'no-store');
  if (operation.role === null) {
    checkPath(path);
    return operation.handler(
      { ...(await readInputs(deps, operation, path, ctx)), principal: undefined },
      operation.reply,
    );
  }
  const credential = readCredential(ctx.req.headers.authorization);
  const key = operation.idempotent ? idempotencyKey(ctx.req.headers['idempotency-key']) : undefined;
  if (operation.fused && key === undefined) return runFused(deps, operation, operation.fused, path, credential, ctx);
  const principal = judge(await findPrincipal(deps.hot, credential), operation);
  const inputs = await readInputs(deps, operation, path, ctx);
  return runAs(principal, inputs, deps, operation, key, ctx);
}

async function runFused(
  deps: Deps,
  operation: Mounted,
  fused: LooseFused,
  path: Readonly<Record<string, string>>,
  credential: Credential,
  ctx: Context,
): Promise<Outcome> {
  const read = await settle(readInputs(deps, operation, path, ctx));
  if ('error' in read || !fused.accepts(read.value)) {
    const principal = judge(await findPrincipal(deps.hot, credential), operation);
    if ('error' in read) throw read.error;
    return runAs(principal, read.value, deps, operation, undefined, ctx);
  }
  const { principal, send } = await fused.run(read.value, credential, rolesFrom(operation.role ?? 'owner'));
  judge(principal, operation);
  return send(operation.reply as never) as unknown as Outcome;
}

function runAs(
  principal: Principal,
  inputs: Inputs,
  deps: Deps,
  operation: Mounted,
  key: string | undefined,
  ctx: Context,
): Outcome | Promise<Outcome> {
  if (key === undefined) return operation.handler({ ...inputs, principal }, operation.reply);
  const content = `${ctx.req.url}\n${Reflect.get(ctx.request, 'rawBody') ?? ''}`;
  return once(deps, { operation, principal, key, content }, async (tx) =>
    operation.handler({ ...inputs, db: tx, principal }, operation.reply),
  );
}

async function readInputs(
  deps: Deps,
  operation: Mounted,
  path: Readonly<Record<string, string>>,
  ctx: Context,
): Promise<Inputs> {
  checkPath(path);
  if (operation.body !== 'none') checkContentType(ctx, operation);
  const query = validateQuery(operation, ctx.querystring, operation.queryNames);
  const sent = operation.body === 'json' ? await readJson(ctx, operation) : undefined;
  const body = sent && validateBody(operation, sent.value, sent.text);
  return { path, query, header: ctx.req.headers, body, db: deps.db, deps, koa: ctx } as unknown as Inputs;
}

/** Nothing is named by text that PostgreSQL cannot store. */
function checkPath(path: Readonly<Record<string, string>>): void {
  for (const name in path) {
    const value = path[name] ?? '';
    if (value.includes('\0') || !value.isWellFormed()) throw fail('not_found');
  }
}

async function settle<T>(work: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await work };
  } catch (error) {
    return { error };
  }
}

/** For tests: the ids that the document and the table must share. */
export const operationIds = Object.keys(operations) as OperationId[];
