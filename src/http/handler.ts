import type { Writable } from 'node:stream';
import type { Context } from 'koa';
import type { operations as Table } from '../../generated/operations.ts';
import type { operations } from '../../generated/types.ts';
import type { Deps } from '../deps.ts';
import type { Customer } from '../portal/customer.ts';
import type { Runner } from '../runners/runner.ts';
import type { KeyCredential, Principal } from '../users/principal.ts';

export type OperationId = keyof operations;
type Responses<Id extends OperationId> = operations[Id]['responses'];
type Part<Id extends OperationId, K extends string> = operations[Id]['parameters'] extends { [k in K]?: infer P }
  ? NonNullable<P> extends never
    ? Record<never, never>
    : NonNullable<P>
  : never;
type Json<C> = C extends { 'application/json': infer B } ? B : undefined;
type Body<Id extends OperationId> = (typeof Table)[Id]['body'] extends 'json'
  ? operations[Id] extends { requestBody: { content: infer C } }
    ? Json<C>
    : operations[Id] extends { requestBody?: { content: infer C } }
      ? Json<C> | undefined
      : undefined
  : (typeof Table)[Id]['body'] extends 'form'
    ? Readonly<Record<string, string>>
    : undefined;

/**
 * A body that writes itself: resolves when every byte was handed over. Rejects on a storage error and leaves the sink
 * as it is: whoever called it answers something else, or cuts it off where bytes are out already.
 */
export type Pour = (sink: Writable) => Promise<unknown>;

// Media type → what a handler may hand over for it.
type Wire<M, B> = M extends 'application/json'
  ? B | Buffer | Pour
  : M extends 'text/html' | 'text/javascript'
    ? string
    : Buffer | Pour;
// JSON-P is the mount's: a handler answers JSON.
type Media<C> = {
  [M in Exclude<keyof C, 'application/javascript'>]: M extends 'application/json'
    ? { type?: M; body: Wire<M, C[M]> }
    : { type: M; body: Wire<M, C[M]> };
}[Exclude<keyof C, 'application/javascript'>];
type Sent = 'Request-Id' | 'WWW-Authenticate' | 'Retry-After';
type Known<H> = { [K in keyof H as string extends K ? never : K extends Sent ? never : K]: H[K] };
type Headers<R> = R extends { headers: infer H }
  ? [keyof Known<H>] extends [never]
    ? unknown
    : Record<never, never> extends Known<H>
      ? { headers?: Known<H> }
      : { headers: Known<H> }
  : unknown;
// An intersection as target would switch nested excess-property checks off, so it is flattened.
type Flat<T> = T extends unknown ? { [K in keyof T]: T[K] } : never;
type Parts<R> = Flat<(R extends { content: infer C extends object } ? Media<C> : unknown) & Headers<R>>;

type Refusal = 400 | 401 | 402 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 416 | 429 | 500 | 503;
/** An error leaves through `fail`, except as the page that its status documents for people: `text/html` alone. */
type Page<R> = R extends { headers: infer H; content: { 'text/html': infer B } }
  ? { headers: H; content: { 'text/html': B } }
  : never;
type Answers<Id extends OperationId> = {
  [S in keyof Responses<Id>]: S extends Refusal ? Page<Responses<Id>[S]> : Responses<Id>[S];
};
/** Statuses that a handler may reply with: those below 400, and errors that have a page. */
type Success<Id extends OperationId> = {
  [S in keyof Responses<Id>]: Answers<Id>[S] extends never ? never : S;
}[keyof Responses<Id>];

declare const done: unique symbol;
/** Proof that a reply was made; only `reply` makes one. */
export interface Done<Id extends OperationId> {
  readonly [done]: Id;
}

/** Answers with a documented status, its documented body and headers; anything else does not compile. */
export type Reply<Id extends OperationId> = <S extends Success<Id>>(
  status: S,
  ...parts: Record<never, never> extends Parts<Answers<Id>[S]> ? [Parts<Answers<Id>[S]>?] : [Parts<Answers<Id>[S]>]
) => Done<Id>;

interface Callers {
  readonly user: Principal;
  readonly customer: Customer;
  readonly runner: Runner;
}
type Caller<Id extends OperationId> = (typeof Table)[Id]['actor'] extends infer A extends keyof Callers
  ? Callers[A]
  : undefined;

/** A request after everything that the document decides: authenticated, authorised, validated. */
export interface Req<Id extends OperationId> {
  readonly path: Part<Id, 'path'>;
  readonly query: Part<Id, 'query'>;
  readonly header: Part<Id, 'header'>;
  readonly body: Body<Id>;
  readonly principal: Caller<Id>;
  /** Of a stream: the caller as judged now, or the failure with which the request would be refused by now. */
  readonly recheck: (typeof Table)[Id]['streams'] extends true ? () => Promise<Caller<Id>> : undefined;
  /** The database to work in: a transaction when the request carries an Idempotency-Key, so that both commit as one. */
  readonly db: Deps['db'];
  readonly deps: Deps;
  readonly koa: Context;
}

export type Handler<Id extends OperationId> = (req: Req<Id>, reply: Reply<Id>) => Done<Id> | Promise<Done<Id>>;
export type Handlers = { [Id in OperationId]: Handler<Id> };

/**
 * A handler for a hot operation whose one SQL statement also authenticates. It gets the credential unresolved and
 * answers the principal that the statement found; the mount judges that principal by the same rules as everywhere,
 * before `send` is called. The statement itself must refuse to write for a principal of a lower role.
 */
export interface FusedHandler<Id extends OperationId> {
  accepts(req: Omit<Req<Id>, 'principal' | 'recheck'>): boolean;
  run(
    req: Omit<Req<Id>, 'principal' | 'recheck'>,
    credential: KeyCredential,
  ): Promise<{ principal: Principal | undefined; send: (reply: Reply<Id>) => Done<Id> }>;
}
export type FusedHandlers = { [Id in OperationId]?: FusedHandler<Id> };
