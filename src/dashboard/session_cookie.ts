import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import type { Deps } from '../deps.ts';
import { findSession, type PageUser } from '../sessions/queries.ts';
import { SESSION_DAYS } from '../sessions/rules.ts';
import { csrfOf } from './csrf.ts';

type Settings = Pick<Deps, 'config'>;

const DAY = 24 * 60 * 60 * 1000;
const VALUE = /^[\w.-]{16,1024}$/;

/** Over https the prefix keeps other hosts of the domain from planting the cookie (RFC 6265bis §4.1.3.2). */
function nameOf({ config }: Settings, name: string): string {
  return isSecure(config.publicUrl) ? `__Host-continuity_${name}` : `continuity_${name}`;
}

const isSecure = (publicUrl: string): boolean => publicUrl.startsWith('https:');

/** A cookie of ours; `undefined` where there is none, or nothing that we would have set. */
export function readCookie(deps: Settings, koa: Context, name: string): string | undefined {
  const value = koa.cookies.get(nameOf(deps, name));
  return value !== undefined && VALUE.test(value) ? value : undefined;
}

/** @param days how long the browser keeps it; left out: until it is closed; an empty value deletes it */
export function writeCookie({ config }: Settings, koa: Context, name: string, value: string, days?: number): void {
  const secure = isSecure(config.publicUrl);
  // Koa judges by the socket, which a proxy in front of it makes a plain one.
  koa.cookies.secure = secure;
  const maxAge = days === undefined ? {} : { maxAge: days * DAY };
  koa.cookies.set(nameOf({ config }, name), value, {
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    secure,
    overwrite: true,
    ...maxAge,
  });
}

export interface CurrentSession {
  readonly user: PageUser;
  /** For the forms of its pages. */
  readonly csrf: string;
}

/** Who is signed in in this browser; also counts as being seen. */
export async function currentSession(deps: Deps, koa: Context): Promise<CurrentSession | undefined> {
  const token = readCookie(deps, koa, 'session');
  const user = token && (await findSession(deps, token));
  return token && user ? { user, csrf: csrfOf(token) } : undefined;
}

export function keepSession(deps: Settings, koa: Context, token: string): void {
  writeCookie(deps, koa, 'session', token, SESSION_DAYS);
}

export function dropCookie(deps: Settings, koa: Context, name: string): void {
  writeCookie(deps, koa, name, '');
}

/** The `csrf` of a browser in which nobody is signed in; gives it the cookie that this needs, one for each audience. */
export function visitorCsrf(deps: Settings, koa: Context, name = 'visitor'): string {
  const known = readCookie(deps, koa, name);
  if (known !== undefined) return csrfOf(known);
  const made = randomBytes(32).toString('base64url');
  writeCookie(deps, koa, name, made);
  return csrfOf(made);
}
