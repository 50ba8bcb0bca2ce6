import type { Context } from 'koa';
import type { Deps } from '../deps.ts';
import { clientOf } from '../downloads/client.ts';
import { Failure } from '../errors/fail.ts';
import { Field, Form, Notice, Submit } from '../pages/components.tsx';
import { formatDelay } from '../pages/delay.ts';
import { endSessionOfToken } from '../sessions/actions.ts';
import { signIn as signInWith } from '../users/sign_in.ts';
import { get, type PageAnswer, type PageRequest, type PageUser, post } from './page.ts';
import { returnTo } from './return_to.ts';
import { dropCookie, keepSession, readCookie, writeCookie } from './session_cookie.ts';

const PATH = '/dashboard/sign-in';
/** Browsers keep no cookie longer (RFC 6265bis §5.5). */
const DEVICE_DAYS = 400;

type Visitor = PageRequest<PageUser | undefined>;

export const signIn = [
  get(PATH, 'public', show),
  post(PATH, 'public', enter),
  post('/dashboard/sign-out', 'public', leave),
];

function show({ user, query, csrf }: Visitor): PageAnswer {
  const target = query.get('return_to');
  return user ? { redirect: returnTo(target) } : signInPage({ csrf, target: returnTo(target) });
}

async function enter({ deps, koa, form, csrf }: Visitor): Promise<PageAnswer> {
  const target = returnTo(form.get('return_to'));
  const [email, password] = [form.get('email') ?? '', form.get('password') ?? ''];
  if (email.trim() === '' || password === '') return signInPage({ csrf, target, email, blank: true, status: 422 });
  try {
    const device = readCookie(deps, koa, 'device');
    const replaces = readCookie(deps, koa, 'session');
    const signedIn = await signInWith(deps, { email, password, device, replaces, ...clientOf(deps, koa) });
    keepSignIn(deps, koa, signedIn);
    return onward(target);
  } catch (thrown) {
    return signInPage({ csrf, target, email, ...refusalOf(thrown) });
  }
}

/** Gives the browser its session, and what lets it in while others guess. Its cookie from before sign-in ends. */
export function keepSignIn(deps: Deps, koa: Context, { token, device }: { token: string; device: string }): void {
  keepSession(deps, koa, token);
  keepDevice(deps, koa, device);
  dropCookie(deps, koa, 'visitor');
}

/** What lets this browser sign in to the account while others guess. */
export function keepDevice(deps: Deps, koa: Context, device: string): void {
  writeCookie(deps, koa, 'device', device, DEVICE_DAYS);
}

/**
 * To an application's consent page the way leads by a page of its own: browsers hold a form to its `form-action` through
 * every redirect, and that page may redirect to the application at once.
 */
function onward(target: string): PageAnswer {
  if (!target.startsWith('/oauth2/')) return { redirect: target };
  return {
    title: 'Signed in',
    solo: true,
    headers: { Refresh: `0; url=${target}` },
    content: (
      <>
        <h1>You are signed in</h1>
        <p>
          <a href={target}>Continue</a>
        </p>
      </>
    ),
  };
}

interface Refusal {
  readonly status: number;
  readonly sentence: string;
  readonly headers: Record<string, string>;
}

function refusalOf(thrown: unknown): Refusal {
  if (!(thrown instanceof Failure)) throw thrown;
  if (thrown.code === 'unauthorized') {
    // No scheme that a browser would ask a password for (RFC 9110 §11.6.1).
    const headers = { 'WWW-Authenticate': 'Cookie realm="Continuity"' };
    return { status: 401, sentence: 'Wrong e-mail address or password.', headers };
  }
  if (thrown.code !== 'slow_down') throw thrown;
  const wait = formatDelay(Number(thrown.headers['Retry-After']));
  return { status: 429, sentence: `Too many attempts. Try again in ${wait}.`, headers: thrown.headers };
}

async function leave({ deps, koa, form }: Visitor): Promise<PageAnswer> {
  const token = readCookie(deps, koa, 'session');
  if (token !== undefined) await endSessionOfToken(deps.db, deps, token);
  dropCookie(deps, koa, 'session');
  const target = form.get('return_to');
  const onwards = target === null ? 'done=signed_out' : `return_to=${encodeURIComponent(returnTo(target))}`;
  return { redirect: `${PATH}?${onwards}` };
}

interface SignInParts extends Partial<Refusal> {
  readonly csrf: string;
  /** Where it leads. */
  readonly target: string;
  /** As it was typed. */
  readonly email?: string;
  readonly blank?: boolean;
}

function signInPage({
  csrf,
  target,
  email = '',
  blank,
  status = 200,
  sentence,
  headers = {},
}: SignInParts): PageAnswer {
  const missing = (value: boolean) => (blank && value ? 'Please fill this in.' : undefined);
  return {
    title: 'Sign in',
    status,
    headers,
    solo: true,
    content: (
      <>
        <h1>Sign in</h1>
        {sentence !== undefined && <Notice kind="bad">{sentence}</Notice>}
        <Form action={PATH} csrf={csrf}>
          <input type="hidden" name="return_to" value={target} />
          <Field
            name="email"
            label="E-mail address"
            type="email"
            value={email}
            error={missing(email.trim() === '')}
            autocomplete="username"
            required
            autofocus={email === ''}
          />
          <Field
            name="password"
            label="Password"
            type="password"
            error={missing(email.trim() !== '')}
            autocomplete="current-password"
            required
            autofocus={email !== ''}
          />
          <div class="choices">
            <Submit>Sign in</Submit>
          </div>
        </Form>
        <p class="note">
          <a href="/dashboard/password-reset">Forgotten your password?</a>
        </p>
      </>
    ),
  };
}
