import type { Context } from 'koa';
import { isKnown } from '../archives/ranges.ts';
import type { Pages } from '../dashboard/mount.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { corsHeaders, preflightHeaders } from '../http/headers.ts';
import { type Outcome, send } from '../http/outcome.ts';
import { compileRouter, type Match } from '../http/router.ts';
import { requireRoute } from '../pages/answer.ts';
import { builtFolder } from './built.ts';
import { chooseEncoding } from './encoding.ts';
import { type DocsRoute, docsRoutes } from './routes.ts';

/** `/docs` and what it is made of, `/openapi.json` and `/openapi.yaml`: they stay the same while the server runs. */
export function mountDocs({ config, log }: Pick<Deps, 'config' | 'log'>, built?: URL): Pages {
  const folder = builtFolder(built && [built]);
  if (folder === undefined) log.warn('there is no documentation to serve: npm run build makes it');
  const find = compileRouter(folder === undefined ? [] : docsRoutes(folder, config));
  return {
    handles: (path) => find(path) !== undefined,
    async answer(koa, headers) {
      await send(koa, headers, await outcomeOf(koa, find(koa.path)));
    },
  };
}

async function outcomeOf(koa: Context, found: Match<DocsRoute> | undefined): Promise<Outcome> {
  if (!found) throw fail('not_found');
  const { allow } = found.route;
  if (koa.method === 'OPTIONS') {
    const open = found.route.methods.get('get')?.open ?? false;
    const headers = { Allow: allow, ...(open ? { ...corsHeaders, ...preflightHeaders(allow) } : {}) };
    return { status: 204, type: undefined, headers, body: undefined };
  }
  return representationFor(koa, requireRoute(koa, found).route);
}

async function representationFor(koa: Context, route: DocsRoute): Promise<Outcome> {
  const encoding = chooseEncoding(koa.get('accept-encoding'));
  const headers = {
    ...route.headers,
    ...(route.open ? corsHeaders : {}),
    Vary: 'Accept, Accept-Encoding',
    ETag: await route.representation.etag(encoding),
  };
  if (isKnown(koa.req.headers['if-none-match'], headers.ETag))
    return { status: 304, type: undefined, headers, body: undefined };
  const coded = encoding === 'identity' ? {} : { 'Content-Encoding': encoding };
  const body = await route.representation.bytes(encoding);
  return { status: 200, type: route.type, headers: { ...headers, ...coded }, body };
}
