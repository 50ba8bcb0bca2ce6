import Koa, { type Context } from 'koa';
import type { Deps } from './deps.ts';
import type { Surface } from './errors/catalogue.ts';
import { fail } from './errors/fail.ts';
import { logExchange } from './http/access_log.ts';
import { commonHeaders } from './http/headers.ts';
import { type Mount, mountOperations } from './http/mount.ts';
import { type Outcome, send } from './http/outcome.ts';
import { sendFailure } from './http/send_failure.ts';
import { isSecure } from './http/transport.ts';
import { fusedHandlers, handlers } from './operations.ts';

/** The application. Listens on nothing and starts nothing: that is `bin/`'s work. */
export async function createApp(deps: Deps): Promise<Koa> {
  const app = new Koa();
  const mount = await mountOperations(deps, handlers, fusedHandlers);
  // A client that went away is no failure of ours; koa reports the cut socket as one.
  app.on('error', (err, ctx?: Context) => ctx?.headerSent || deps.log.error({ err }, 'response failed'));
  app.use((ctx) => exchange(ctx, mount, deps));
  return app;
}

/** One request and its answer. Waits only where there is something to wait for. */
async function exchange(ctx: Context, mount: Mount, deps: Deps): Promise<void> {
  const started = performance.now();
  const { production, trustProxy, tls } = deps.config;
  const path = pathOf(ctx);
  const secure = tls !== undefined || isSecure(ctx.req, trustProxy);
  const match = mount.find(path);
  const operation = match?.route.methods.get(documentedMethod(ctx.method));
  const headers = commonHeaders(path, operation?.noStore ?? false, production && secure);
  const requestId = String(headers['Request-Id']);
  try {
    if (production && !secure && operation?.tag !== 'health') throw fail('https_required');
    if (match === undefined) throw fail('api_does_not_exists');
    const { allow } = match.route;
    if (operation === undefined && ctx.method !== 'OPTIONS')
      throw fail('method_not_allowed', { headers: { Allow: allow } });
    const answer = operation ? mount.run(operation, match.params, ctx) : optionsOf(allow);
    const sent = send(ctx, headers, answer instanceof Promise ? await answer : answer);
    if (sent) await sent;
  } catch (thrown) {
    sendFailure(ctx, thrown, operation?.surface ?? surfaceOf(path), deps.log, headers);
  }
  logExchange(ctx, deps, operation?.log ?? deps.log, { requestId, operation: operation?.id ?? 'none', path, started });
}

function optionsOf(allow: string): Outcome {
  return { status: 204, type: undefined, headers: { Allow: allow }, body: undefined };
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

function documentedMethod(method: string): string {
  return method === 'GET' || method === 'HEAD' ? 'get' : method.toLowerCase();
}

/** For what matches no operation: the path prefix decides (two surfaces). */
function surfaceOf(path: string): Surface {
  return /^\/(api|download|webhooks)(\/|$)/.test(path) ? 'delivery' : 'platform';
}
