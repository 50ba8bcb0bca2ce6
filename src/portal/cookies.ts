import type { Context } from 'koa';
import { csrfOf } from '../dashboard/csrf.ts';
import { readCookie, visitorCsrf, writeCookie } from '../dashboard/session_cookie.ts';
import type { Deps } from '../deps.ts';
import { type Customer, findCustomer } from './customer.ts';
import { CODE_MINUTES, SESSION_DAYS } from './rules.ts';

type Settings = Pick<Deps, 'config'>;

/** Other names than the dashboard's: one browser may be a user's and a customer's at once. */
const SESSION = 'my_session';
const REQUEST = 'my_request';
const VISITOR = 'my_visitor';

export interface CustomerSession {
  readonly customer: Customer;
  /** For the forms of its pages. */
  readonly csrf: string;
}

/** The customer who is signed in in this browser. */
export async function currentCustomer(deps: Deps, koa: Context): Promise<CustomerSession | undefined> {
  const token = sessionToken(deps, koa);
  const customer = token && (await findCustomer(deps, 'browser', token));
  return token && customer ? { customer, csrf: csrfOf(token) } : undefined;
}

export const sessionToken = (deps: Settings, koa: Context) => readCookie(deps, koa, SESSION);

/** Its cookies from before sign-in end. */
export function keepCustomer(deps: Settings, koa: Context, token: string): void {
  writeCookie(deps, koa, SESSION, token, SESSION_DAYS);
  writeCookie(deps, koa, REQUEST, '');
  writeCookie(deps, koa, VISITOR, '');
}

export function dropCustomer(deps: Settings, koa: Context): void {
  writeCookie(deps, koa, SESSION, '');
}

/** Binds the code that is on its way to this browser: nobody else can type it. */
export function keepRequest(deps: Settings, koa: Context, requestId: string): void {
  writeCookie(deps, koa, REQUEST, requestId, CODE_MINUTES / (24 * 60));
}

export const askedRequest = (deps: Settings, koa: Context) => readCookie(deps, koa, REQUEST);

/** The `csrf` of forms before sign-in; makes the cookie that it needs. */
export const strangerCsrf = (deps: Settings, koa: Context) => visitorCsrf(deps, koa, VISITOR);

/** The same where the cookie is there already. */
export function knownStrangerCsrf(deps: Settings, koa: Context): string | undefined {
  const known = readCookie(deps, koa, VISITOR);
  return known === undefined ? undefined : csrfOf(known);
}
