import type { Context } from 'koa';
import { isCsrf, isForeign } from '../dashboard/csrf.ts';
import { cleanParameters, readForm } from '../dashboard/form.ts';
import type { Pages } from '../dashboard/mount.ts';
import type { Deps } from '../deps.ts';
import { type Outcome, send } from '../http/outcome.ts';
import { compileRouter, type Match } from '../http/router.ts';
import { answerAsked, requireRoute } from '../pages/answer.ts';
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

function outcomeOf(visit: Visit, find: Find, requestId: string): Promise<Outcome> {
  const { deps, koa } = visit;
  return answerAsked(
    { deps, koa, find, requestId },
    async (match) => {
      visit.session = await currentCustomer(deps, koa);
      return outcomeOfPage(koa, await answerOf(visit, match), visit.session);
    },
    (failure) => outcomeOfPage(koa, errorPage(failure, requestId), undefined),
  );
}

/** Each step refuses or goes on: method, form, signed in. */
async function answerOf(visit: Visit, found: Match<PortalRoute> | undefined): Promise<PortalAnswer> {
  const { deps, koa, session } = visit;
  const { match, route } = requireRoute(koa, found);
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
