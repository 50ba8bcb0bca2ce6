import type { Context } from 'koa';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import type { Headers } from '../http/headers.ts';
import { rolesFrom } from '../http/operation.ts';
import { type Outcome, send } from '../http/outcome.ts';
import { compileRouter, type Match } from '../http/router.ts';
import { answerAsked, requireRoute } from '../pages/answer.ts';
import { csrfOf, isCsrf, isForeign } from './csrf.ts';
import { errorPage, staleForm, suspendedPage } from './errors.tsx';
import { cleanParameters, readForm } from './form.ts';
import type { PageAnswer, PageRoute } from './page.ts';
import { outcomeOfPage } from './render.tsx';
import { routes } from './routes.ts';
import { type CurrentSession, currentSession, readCookie, visitorCsrf } from './session_cookie.ts';

export interface Pages {
  handles(path: string): boolean;
  /** Never rejects: whatever happens is a page. */
  answer(ctx: Context, headers: Headers): Promise<void>;
}

type Find = (path: string) => Match<PageRoute> | undefined;

/** One request for a page, as far as it is known. */
interface Visit {
  readonly deps: Deps;
  readonly koa: Context;
  session?: CurrentSession | undefined;
}

/** The pages for people. They are outside of the document: their forms, sessions and errors are other than the API's. */
export function mountPages(deps: Deps): Pages {
  const find = compileRouter(routes);
  return {
    handles: (path) =>
      path === '/unsubscribe' ||
      path.startsWith('/unsubscribe/') ||
      path === '/dashboard' ||
      path.startsWith('/dashboard/'),
    answer: (koa, headers) => answer({ deps, koa }, find, headers),
  };
}

async function answer(visit: Visit, find: Find, headers: Headers): Promise<void> {
  const { koa } = visit;
  const outcome = await outcomeOf(visit, find, String(headers['Request-Id']));
  if (!koa.req.socket.destroyed) await send(koa, headers, outcome);
}

function outcomeOf(visit: Visit, find: Find, requestId: string): Promise<Outcome> {
  const { deps, koa } = visit;
  return answerAsked(
    { deps, koa, find, requestId },
    async (match) => {
      visit.session = await currentSession(deps, koa);
      return outcomeOfPage(koa, await open(visit, match), visit.session);
    },
    (failure) => outcomeOfPage(koa, errorPage(failure, requestId), visit.session),
  );
}

/** Each step refuses or goes on: method, form, signed in, suspended, role. */
async function open(visit: Visit, found: Match<PageRoute> | undefined): Promise<PageAnswer> {
  const { deps, koa, session } = visit;
  const { match, route } = requireRoute(koa, found);
  const query = cleanParameters(koa.querystring);
  const form = await formOf(visit, route);
  if (form === undefined) return staleForm;
  const request = { deps, koa, params: match.params, query, form };
  if (route.access === 'public')
    return route.run({ ...request, user: session?.user, csrf: session?.csrf ?? visitorCsrf(deps, koa) });
  if (!session) return toSignIn(koa, match);
  if (session.user.suspended) return suspendedPage(session.user, session.csrf);
  if (!rolesFrom(route.access).includes(session.user.role)) throw fail('insufficient_role');
  return route.run({ ...request, ...session });
}

/** What was posted; `undefined` where it does not come from a page that this browser got in this session. */
async function formOf(
  { deps, koa, session }: Visit,
  { method, open }: PageRoute,
): Promise<URLSearchParams | undefined> {
  if (method === 'get' || open) return new URLSearchParams();
  if (isForeign(koa.req, deps.config.publicUrl)) return undefined;
  const form = await readForm(koa.req);
  const visitor = readCookie(deps, koa, 'visitor');
  const expected = session?.csrf ?? (visitor && csrfOf(visitor));
  return expected !== undefined && isCsrf(expected, form.get('csrf')) ? form : undefined;
}

/** Sign-in leads back to where the visitor wanted to go, unless only a form leads there. */
function toSignIn(koa: Context, { route }: Match<PageRoute>): PageAnswer {
  if (!route.methods.has('get')) return { redirect: '/dashboard/sign-in' };
  const target = koa.method === 'POST' ? koa.path : koa.url;
  return { redirect: `/dashboard/sign-in?return_to=${encodeURIComponent(target)}` };
}
