import type { IncomingMessage } from 'node:http';
import type { Hot } from '../db/hot.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { type Customer, findCustomer, refusedCustomer } from '../portal/customer.ts';
import { findRunner, type Runner } from '../runners/runner.ts';
import { normaliseEmail } from '../users/email.ts';
import {
  type Credential,
  FIND_PRINCIPAL,
  FIND_TOKEN_PRINCIPAL,
  hashSecret,
  type Principal,
  type PrincipalRow,
  presentPrincipal,
} from '../users/principal.ts';
import { type Operation, rolesFrom } from './operation.ts';

const API_KEY = /^ct_[A-Za-z0-9_-]{43}$/;
const ACCESS_TOKEN = /^cto_[A-Za-z0-9_-]{43}$/;
const PORTAL_TOKEN = /^ctm_[A-Za-z0-9_-]{43}$/;
const RUNNER_TOKEN = /^ctr_[A-Za-z0-9_-]{43}$/;

/** What the request line and the headers say of who is asking. */
export interface Presented {
  readonly authorization: string | undefined;
  /** Of the query; `undefined` where there is none or it is empty. Decides alone: Basic beside it is ignored. */
  readonly oauthToken: string | undefined;
}

/**
 * Reads `Authorization: Bearer` (RFC 6750 §2.1) with an API key or an access token, Basic `email:ct_…` (RFC 7617), or
 * `oauth_token` of the query. Anything else is 401, a Bearer token beside one in the query too (RFC 6750 §2).
 */
export function readCredential({ authorization, oauthToken }: Presented): Credential {
  if (oauthToken !== undefined) {
    if (/^ *bearer( |$)/i.test(authorization ?? '') || !ACCESS_TOKEN.test(oauthToken)) throw fail('unauthorized');
    return { tokenHash: hashSecret(oauthToken) };
  }
  if (authorization === undefined || authorization.length > 4096) throw fail('unauthorized');
  const [scheme = '', token = '', ...rest] = authorization.trim().split(/ +/);
  if (rest.length > 0) throw fail('unauthorized');
  if (scheme.toLowerCase() === 'bearer') return bearer(token);
  if (scheme.toLowerCase() !== 'basic') throw fail('unauthorized');
  const pair = Buffer.from(token, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 0 || pair.includes('\0')) throw fail('unauthorized');
  return key(pair.slice(colon + 1), normaliseEmail(pair.slice(0, colon)));
}

function bearer(token: string): Credential {
  return ACCESS_TOKEN.test(token) ? { tokenHash: hashSecret(token) } : key(token, null);
}

function key(text: string, email: string | null): Credential {
  if (!API_KEY.test(text)) throw fail('unauthorized');
  return { keyHash: hashSecret(text), email };
}

/**
 * A browser adds Basic credentials that it remembers to whatever a page asks for. A script tag of another site must not
 * read the answer with them, a form of another site change nothing.
 */
export function refuseRemembered({ headers }: IncomingMessage, oauthToken: string | undefined): void {
  const remembered = oauthToken === undefined && /^ *basic( |$)/i.test(headers.authorization ?? '');
  if (remembered && headers['sec-fetch-site'] === 'cross-site') throw fail('unauthorized');
}

/** The user behind a credential; `undefined` for a wrong one. The look-up by hash needs no comparison of secrets. */
export async function findPrincipal(hot: Hot, credential: Credential): Promise<Principal | undefined> {
  const [row] =
    'tokenHash' in credential
      ? await hot.query<PrincipalRow>(FIND_TOKEN_PRINCIPAL, [credential.tokenHash])
      : await hot.query<PrincipalRow>(FIND_PRINCIPAL, [credential.keyHash, credential.email]);
  return row && presentPrincipal(row);
}

/**
 * The customer behind `Authorization: Bearer ctm_…`. Nothing else opens the portal: no API key, and no access token, not
 * even beside a good one.
 */
export async function requireCustomer(
  { hot, clock }: Pick<Deps, 'hot' | 'clock'>,
  presented: Presented,
): Promise<Customer> {
  const token = soleBearer(presented, PORTAL_TOKEN);
  const customer = token && (await findCustomer({ hot, clock }, 'api', token));
  if (!customer) throw refusedCustomer();
  return customer;
}

/** The runner behind `Authorization: Bearer ctr_…`; nothing else opens what runners do. */
export async function requireRunner({ hot }: Pick<Deps, 'hot'>, presented: Presented): Promise<Runner> {
  const token = soleBearer(presented, RUNNER_TOKEN);
  const runner = token && (await findRunner(hot, token));
  if (!runner) throw fail('unauthorized', { headers: { 'WWW-Authenticate': 'Bearer realm="Continuity runners"' } });
  if (runner.suspended) throw fail('account_suspended');
  return runner;
}

/** The Bearer token, where it is the only credential and of this form. */
function soleBearer({ authorization = '', oauthToken }: Presented, form: RegExp): string | undefined {
  const [scheme = '', token = '', ...rest] = authorization.trim().split(/ +/);
  const fits = scheme.toLowerCase() === 'bearer' && rest.length === 0 && form.test(token);
  return fits && oauthToken === undefined ? token : undefined;
}

/** The checks after authentication, in the order of architecture.md rule 4: account suspended, scope, role. */
export function judge(principal: Principal | undefined, { role, scopes }: Operation): Principal {
  if (principal === undefined) throw fail('unauthorized');
  if (principal.scopes !== null && scopes === null) throw fail('unauthorized');
  if (principal.suspended) throw fail('account_suspended');
  if (principal.scopes !== null) requireScopes(principal.scopes, scopes ?? []);
  if (role === null || !rolesFrom(role).includes(principal.role)) throw fail('insufficient_role');
  return principal;
}

/** RFC 6750 §3.1 */
function requireScopes(granted: readonly string[], required: readonly string[]): void {
  if (required.every((scope) => granted.includes(scope))) return;
  const challenge = `Bearer realm="Continuity", error="insufficient_scope", scope="${required.join(' ')}"`;
  throw fail('insufficient_scope', { headers: { 'WWW-Authenticate': challenge } });
}

/** 402 for what creates or changes something; reads stay open to an organisation that owes money. */
export function requirePaid({ unpaid }: Pick<Principal, 'unpaid'>): void {
  if (unpaid) throw fail('payment_required');
}
