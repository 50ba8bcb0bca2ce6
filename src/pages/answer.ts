import type { Context } from 'koa';
import type { Deps } from '../deps.ts';
import { type Failure, fail } from '../errors/fail.ts';
import { failureOf } from '../errors/present.ts';
import type { Outcome } from '../http/outcome.ts';
import type { Match } from '../http/router.ts';

/** A request for a page, whoever the page is for. */
export interface Asked<Route> {
  readonly deps: Pick<Deps, 'log'>;
  readonly koa: Context;
  readonly find: (path: string) => Match<Route> | undefined;
  readonly requestId: string;
}

/** Never rejects: what `open` throws becomes the page that `explain` makes of it. */
export async function answerAsked<Route>(
  { deps, koa, find, requestId }: Asked<Route>,
  open: (match: Match<Route> | undefined) => Promise<Outcome>,
  explain: (failure: Failure) => Outcome,
): Promise<Outcome> {
  try {
    const match = find(koa.path);
    if (koa.method === 'OPTIONS' && match)
      return { status: 204, type: undefined, headers: { Allow: match.route.allow }, body: undefined };
    return await open(match);
  } catch (thrown) {
    return explain(recordFailure(deps, requestId, thrown));
  }
}

/** What was thrown, as a failure; in the log where it is ours. */
export function recordFailure({ log }: Pick<Deps, 'log'>, requestId: string, thrown: unknown): Failure {
  const failure = failureOf(thrown);
  if (failure.code === 'internal_server_error' || failure.code === 'unavailable')
    log.error({ requestId, err: failure.cause }, failure.code);
  return failure;
}

/** The page's route for the method, HEAD as GET; fails with `not_found` and `method_not_allowed`. */
export function requireRoute<Route>({ method }: Context, match: Match<Route> | undefined) {
  if (!match) throw fail('not_found');
  const route = match.route.methods.get(method === 'HEAD' ? 'get' : method.toLowerCase());
  if (!route) throw fail('method_not_allowed', { headers: { Allow: match.route.allow } });
  return { match, route };
}
