import type { Context } from 'koa';
import { isCsrf, isForeign } from '../dashboard/csrf.ts';
import { cleanParameters, readForm } from '../dashboard/form.ts';
import type { Pages } from '../dashboard/mount.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { failureOf } from '../errors/present.ts';
import { type Outcome, send } from '../http/outcome.ts';
import { compileRouter, type Match } from '../http/router.ts';
import { type CustomerSession, currentCustomer, knownStrangerCsrf, strangerCsrf } from './cookies.ts';
import { errorPage, staleForm } from './errors.tsx';
import type { PortalAnswer, PortalRoute } from './page.ts';
import { outcomeOfPage } from './render.tsx';
import { routes } from './routes.ts';

type Find = (path: string) => Match<PortalRoute> | undefined;

/** One request for a page, as far as it is known. */
interface Visit {
  readonly deps: Deps;
  readonly koa: Context;
  session?: CustomerSession | undefined;
}

/** The pages for customers, at `/my`. No session of the dashboard opens them, and theirs opens nothing else. */
export function mountPortal(deps: Deps): Pages {
  const find = compileRouter(routes);
  return {
    handles: (path) => path === '/my' || path.startsWith('/my/'),
    async answer(koa, headers) {
      const outcome = await outcomeOf({ deps, koa }, find, String(headers['Request-Id']));
      if (!koa.req.socket.destroyed) await send(koa, headers, outcome);
    },
  };
}

async function outcomeOf(visit: Visit, find: Find, requestId: string): Promise<Outcome> {
  const { deps, koa } = visit;
  try {
    const match = find(koa.path);
    if (koa.method === 'OPTIONS' && match)
      return { status: 204, type: undefined, headers: { Allow: match.route.allow }, body: undefined };
    visit.session = await currentCustomer(deps, koa);
    return outcomeOfPage(koa, await answerOf(visit, match), visit.session);
  } catch (thrown) {
    const failure = failureOf(thrown);
    if (failure.code === 'internal_server_error' || failure.code === 'unavailable')
      deps.log.error({ requestId, err: failure.cause }, failure.code);
    return outcomeOfPage(koa, errorPage(failure, requestId), undefined);
  }
}

/** Each step refuses or goes on: method, form, signed in. */
async function answerOf(visit: Visit, match: Match<PortalRoute> | undefined): Promise<PortalAnswer> {
  const { deps, koa, session } = visit;
  if (!match) throw fail('not_found');
  const route = match.route.methods.get(koa.method === 'HEAD' ? 'get' : koa.method.toLowerCase());
  if (!route) throw fail('method_not_allowed', { headers: { Allow: match.route.allow } });
  const query = cleanParameters(koa.querystring);
  const form = await formOf(visit, route);
  if (form === undefined) return staleForm;
  if (route.closed && !session) return { redirect: '/my' };
  const csrf = session?.csrf ?? strangerCsrf(deps, koa);
  return route.run({ deps, koa, params: match.params, query, form, csrf, customer: session?.customer });
}

/** What was posted; `undefined` where it does not come from a page that this browser got in this session. */
async function formOf({ deps, koa, session }: Visit, { method }: PortalRoute): Promise<URLSearchParams | undefined> {
  if (method === 'get') return new URLSearchParams();
  if (isForeign(koa.req, deps.config.publicUrl)) return undefined;
  const form = await readForm(koa.req);
  const expected = session?.csrf ?? knownStrangerCsrf(deps, koa);
  return expected !== undefined && isCsrf(expected, form.get('csrf')) ? form : undefined;
}
