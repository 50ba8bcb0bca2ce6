import type { Context } from 'koa';
import { OpenAPIBackend } from 'openapi-backend';
import document from '../../generated/openapi.json' with { type: 'json' };
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import type { Customer } from '../portal/customer.ts';
import type { Runner } from '../runners/runner.ts';
import type { KeyCredential, Principal } from '../users/principal.ts';
import {
  findPrincipal,
  judge,
  type Presented,
  readCredential,
  refuseRemembered,
  requireCustomer,
  requireRunner,
} from './authenticate.ts';
import { checkContentType, readJson } from './body.ts';
import { readForm } from './form.ts';
import type { FusedHandler, FusedHandlers, Handlers, OperationId, Req } from './handler.ts';
import { idempotencyKey, once } from './idempotency.ts';
import { wrapInCallback } from './jsonp.ts';
import { type Operation, operationTable } from './operation.ts';
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
  /** Names the operation in each line, prepared once. */
  readonly log: Deps['log'];
}

export interface Mount {
  find(path: string): ReturnType<ReturnType<typeof compileRouter<Mounted>>>;
  /** @param oauthToken of the query, from which it was taken */
  run(mounted: Mounted, params: Path, ctx: Context, oauthToken?: string): Outcome | Promise<Outcome>;
}

/**
 * Binds every operation of the document to its handler. openapi-backend keeps the registry and refuses an unknown
 * operationId; matching, authentication and validation are our own, compiled once, since as shipped it does the first and
 * the last again on every request (README, "Decisions").
 */
export async function mountOperations(deps: Deps, handlers: Handlers, fused: FusedHandlers): Promise<Mount> {
  const api = new OpenAPIBackend({ definition: document as never, strict: true, quick: true, validate: false });
  await api.init();
  // As shipped the list is built anew for each handler that is registered: most of the time that the document costs.
  const listed = api.router.getOperations();
  api.router.getOperations = () => listed;
  api.register(handlers as never);
  assertValidators(operationTable);
  const mounted = operationTable.map((operation) => mountOne(operation, api, fused, deps));
  return {
    find: compileRouter(mounted),
    run: (operation, path, ctx, oauthToken) => run({ deps, operation, path, ctx, oauthToken }),
  };
}

function mountOne(operation: Operation, api: OpenAPIBackend, fused: FusedHandlers, { log }: Deps): Mounted {
  const handler = api.handlers[operation.id] as unknown as LooseHandler | undefined;
  if (!handler) throw new Error(`${operation.id} has no handler`);
  if (operation.security.length > 0 && operation.actor === null) throw new Error(`${operation.id} names no actor`);
  if (operation.actor === 'user' && operation.role === null) throw new Error(`${operation.id} names no x-role`);
  const item = (
    document.paths as Record<string, Record<string, { parameters?: { $ref?: string; name?: string; in?: string }[] }>>
  )[operation.path];
  const parameters = item?.[operation.method]?.parameters ?? [];
  const queryNames = parameters.map(dereference).filter((parameter) => parameter.in === 'query');
  return {
    ...operation,
    handler,
    fused: fused[operation.id] as LooseFused | undefined,
    log: log.child({ operation: operation.id }),
    queryNames: new Set(queryNames.map((parameter) => parameter.name ?? '')),
    reply: (status, parts = {}) => outcomeOf(status, parts),
  };
}

function dereference(parameter: { $ref?: string; name?: string; in?: string }): { name?: string; in?: string } {
  if (parameter.$ref === undefined) return parameter;
  const name = parameter.$ref.split('/').at(-1) ?? '';
  return (document.components.parameters as Record<string, { name?: string; in?: string }>)[name] ?? {};
}

type Inputs = Omit<Req<OperationId>, 'principal' | 'recheck'>;
type Path = Readonly<Record<string, string>>;

/** One request to an operation. */
interface Call {
  readonly deps: Deps;
  readonly operation: Mounted;
  readonly path: Path;
  readonly ctx: Context;
  readonly oauthToken: string | undefined;
}

function run(call: Call): Outcome | Promise<Outcome> {
  return call.operation.jsonp && /callback|%/.test(call.ctx.querystring) ? runForScript(call) : runPlain(call);
}

/** JSON-P. The name was validated with the rest of the query before there is an outcome. */
async function runForScript(call: Call): Promise<Outcome> {
  const { operation, ctx, oauthToken } = call;
  const name = new URLSearchParams(ctx.querystring).get('callback');
  if (name === null) return runPlain(call);
  if (operation.actor !== null) refuseRemembered(ctx.req, oauthToken);
  return wrapInCallback(await runPlain(call), name, ctx.res);
}

/** The order of architecture.md rule 4; each step throws, so a step that is skipped can only refuse too much. */
function runPlain(call: Call): Outcome | Promise<Outcome> {
  const { operation } = call;
  if (operation.actor !== null) return RUN_FOR[operation.actor](call);
  if (operation.body === 'json' || operation.body === 'form') return runPublic(call);
  return operation.handler(withPrincipal(inputsOf(call), undefined), operation.reply);
}

async function runPublic(call: Call): Promise<Outcome> {
  const { operation } = call;
  return operation.handler(withPrincipal(await readInputs(call), undefined), operation.reply);
}

async function runForCustomer(call: Call): Promise<Outcome> {
  const customer = await requireCustomer(call.deps, presentedBy(call));
  return runAs(customer, await readInputs(call), call, keyOf(call));
}

async function runForRunner(call: Call): Promise<Outcome> {
  const runner = await requireRunner(call.deps, presentedBy(call));
  return call.operation.handler(withPrincipal(await readInputs(call), runner), call.operation.reply);
}

async function runForUser(call: Call): Promise<Outcome> {
  const { deps, operation, ctx, oauthToken } = call;
  // A form of any site can send it; what takes JSON needs a preflight, which brings no remembered credentials.
  if (operation.method === 'post' && operation.body === 'none') refuseRemembered(ctx.req, oauthToken);
  const credential = readCredential(presentedBy(call));
  const key = keyOf(call);
  if (operation.fused && key === undefined && 'keyHash' in credential)
    return runFused(call, operation.fused, credential);
  const check = async () => judge(await findPrincipal(deps.hot, credential), operation);
  const principal = await check();
  const inputs = await readInputs(call);
  if (operation.streams) Object.assign(inputs, { recheck: check });
  return runAs(principal, inputs, call, key);
}

const RUN_FOR = { user: runForUser, customer: runForCustomer, runner: runForRunner } as const;

async function runFused(call: Call, fused: LooseFused, credential: KeyCredential): Promise<Outcome> {
  const { deps, operation } = call;
  const read = await settle(readInputs(call));
  if ('error' in read || !fused.accepts(read.value)) {
    const principal = judge(await findPrincipal(deps.hot, credential), operation);
    if ('error' in read) throw read.error;
    return runAs(principal, read.value, call, undefined);
  }
  const { principal, send } = await fused.run(read.value, credential);
  judge(principal, operation);
  return send(operation.reply as never) as unknown as Outcome;
}

function runAs(
  principal: Principal | Customer,
  inputs: Inputs,
  { deps, operation, ctx }: Call,
  key: string | undefined,
): Outcome | Promise<Outcome> {
  if (key === undefined) return operation.handler(withPrincipal(inputs, principal), operation.reply);
  const content = `${ctx.req.url}\n${Reflect.get(ctx.request, 'rawBody') ?? ''}`;
  return once(deps, { operation, principal, key, content }, async (tx) =>
    operation.handler({ ...withPrincipal(inputs, principal), db: tx }, operation.reply),
  );
}

function presentedBy({ ctx, oauthToken }: Call): Presented {
  return { authorization: ctx.req.headers.authorization, oauthToken };
}

function keyOf({ operation, ctx }: Call): string | undefined {
  return operation.idempotent ? idempotencyKey(ctx.req.headers['idempotency-key']) : undefined;
}

function withPrincipal(inputs: Inputs, principal: Principal | Customer | Runner | undefined) {
  return Object.assign(inputs, { principal });
}

/** What a request without a JSON body brings, checked. */
function inputsOf({ deps, operation, path, ctx }: Call): Inputs {
  checkPath(path);
  if (operation.body !== 'none') checkContentType(ctx, operation);
  const query = operation.ownQuery ? {} : validateQuery(operation, ctx.querystring, operation.queryNames);
  return { path, query, header: ctx.req.headers, body: undefined, db: deps.db, deps, koa: ctx } as unknown as Inputs;
}

async function readInputs(call: Call): Promise<Inputs> {
  const { operation, ctx } = call;
  const inputs = inputsOf(call);
  if (operation.body === 'form') return Object.assign(inputs, { body: await readForm(ctx, operation) }) as Inputs;
  if (operation.body !== 'json') return inputs;
  const { value, text } = await readJson(ctx, operation);
  return Object.assign(inputs, { body: validateBody(operation, value, text) }) as Inputs;
}

/** Nothing is named by text that PostgreSQL cannot store. */
function checkPath(path: Path): void {
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
