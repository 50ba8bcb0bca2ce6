import Koa, { type Context } from 'koa';
import { mountPages, type Pages } from './dashboard/mount.ts';
import type { Deps } from './deps.ts';
import { mountDocs } from './docs/mount.ts';
import type { Surface } from './errors/catalogue.ts';
import { fail } from './errors/fail.ts';
import { logExchange } from './http/access_log.ts';
import { commonHeaders, preflightHeaders } from './http/headers.ts';
import { type Mount, mountOperations } from './http/mount.ts';
import { takeOauthToken } from './http/oauth_token.ts';
import { type Outcome, send } from './http/outcome.ts';
import { sendFailure } from './http/send_failure.ts';
import { isSecure } from './http/transport.ts';
import { mountPortal } from './portal/mount.ts';
import { fusedHandlers, handlers } from './operations.ts';

/**
 * The application. Listens on nothing and starts nothing: that is `bin/`'s work.
 * @param docs where the built documentation is
 */
export async function createApp(deps: Deps, docs?: URL): Promise<Koa> {
  const app = new Koa();
  const mount = await mountOperations(deps, handlers, fusedHandlers);
  const pages = [mountPages(deps), mountPortal(deps), mountDocs(deps, docs)];
  // A client that went away is no failure of ours; koa reports the cut socket as one.
  app.on('error', (err, ctx?: Context) => ctx?.headerSent || deps.log.error({ err }, 'response failed'));
  app.use((ctx) => exchange(ctx, mount, pages, deps));
  return app;
}

/** One request and its answer. Waits only where there is something to wait for. */
async function exchange(ctx: Context, mount: Mount, pages: readonly Pages[], deps: Deps): Promise<void> {
  const started = performance.now();
  const { production, trustProxy, tls } = deps.config;
  const oauthToken = takeOauthToken(ctx.req);
  const path = pathOf(ctx);
  const secure = tls !== undefined || isSecure(ctx.req, trustProxy);
  const page = pages.find(({ handles }) => handles(path));
  const match = page ? undefined : mount.find(path);
  const operation = operationOf(match, ctx.method);
  const cors = !page && (operation?.cors ?? isOpen(match));
  const traits = { noStore: operation?.noStore ?? false, strictTransport: production && secure, cors };
  const headers = commonHeaders(path, traits);
  const requestId = String(headers['Request-Id']);
  ctx.state['requestId'] = requestId;
  try {
    if (production && !secure && operation?.tag !== 'health') throw fail('https_required');
    if (page) await page.answer(ctx, headers);
    else {
      const outcome = outcomeOf(mount, match, operation, ctx, oauthToken);
      const sent = send(ctx, headers, outcome instanceof Promise ? await outcome : outcome);
      if (sent) await sent;
    }
  } catch (thrown) {
    sendFailure(ctx, thrown, operation?.surface ?? surfaceOf(path), deps.log, headers);
  }
  const name = operation?.id ?? (page ? 'page' : 'none');
  logExchange(ctx, deps, operation?.log ?? deps.log, { requestId, operation: name, path, started });
}

type Found = ReturnType<Mount['find']>;
type Mounted = NonNullable<ReturnType<NonNullable<Found>['route']['methods']['get']>>;

/** What the operation answers, or why there is none; OPTIONS is answered before anything is asked (RFC 9110 §9.3.7). */
function outcomeOf(
  mount: Mount,
  match: Found,
  operation: Mounted | undefined,
  ctx: Context,
  oauthToken: string | undefined,
): Outcome | Promise<Outcome> {
  if (match === undefined) throw fail('api_does_not_exists');
  if (operation) return mount.run(operation, match.params, ctx, oauthToken);
  const { allow } = match.route;
  if (ctx.method !== 'OPTIONS') throw fail('method_not_allowed', { headers: { Allow: allow } });
  const headers = { Allow: allow, ...(isOpen(match) ? preflightHeaders(allow) : {}) };
  return { status: 204, type: undefined, headers, body: undefined };
}

/** Whether scripts of other sites may call it; also what does not exist, so that they can read the error. */
function isOpen(match: Found): boolean {
  return match === undefined || [...match.route.methods.values()].every(({ cors }) => cors);
}

/** The path of the request target (RFC 9112 §3.2), without its query; empty where the target is no URL. */
function pathOf(ctx: Context): string {
  const { url = '' } = ctx.req;
  const query = url.indexOf('?');
  if (url.startsWith('/')) return query < 0 ? url : url.slice(0, query);
  try {
    return ctx.path;
  } catch {
    return '';
  }
}

/** HEAD is answered as GET is, except where GET never ends (product.md, "Shared"). */
function operationOf(match: Found, method: string): Mounted | undefined {
  const operation = match?.route.methods.get(method === 'HEAD' ? 'get' : method.toLowerCase());
  return method === 'HEAD' && operation?.streams ? undefined : operation;
}

/** For what matches no operation: the path prefix decides (two surfaces). */
function surfaceOf(path: string): Surface {
  return /^\/(api|download|webhooks)(\/|$)/.test(path) ? 'delivery' : 'platform';
}
