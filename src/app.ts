import Koa, { type Context } from 'koa';
import type { Deps } from './deps.ts';
import type { Surface } from './errors/catalogue.ts';
import { fail } from './errors/fail.ts';
import { failureOf, presentFailure } from './errors/present.ts';
import { setCommonHeaders } from './http/headers.ts';
import { mountOperations } from './http/mount.ts';
import { send } from './http/outcome.ts';
import { serialise } from './http/serialise.ts';
import { isSecure } from './http/transport.ts';
import { fusedHandlers, handlers } from './operations.ts';

/** The application. Listens on nothing and starts nothing: that is `bin/`'s work. */
export async function createApp(deps: Deps): Promise<Koa> {
  const app = new Koa();
  const mount = await mountOperations(deps, handlers, fusedHandlers);
  const { production, trustProxy, tls } = deps.config;
  // A client that went away is no failure of ours; koa reports the cut socket as one.
  app.on('error', (err, ctx?: Context) => ctx?.headerSent || deps.log.error({ err }, 'response failed'));

  app.use(async (ctx) => {
    const started = performance.now();
    const secure = tls !== undefined || isSecure(ctx.req, trustProxy);
    const requestId = setCommonHeaders(ctx, production && secure);
    const match = mount.find(ctx.path);
    const operation = match?.route.methods.get(documentedMethod(ctx.method));
    ctx.res.once('close', () => logRequest(deps, ctx, requestId, operation?.id ?? 'none', started));
    try {
      if (production && !secure && operation?.tag !== 'health') throw fail('https_required');
      if (match === undefined) throw fail('api_does_not_exists');
      if (ctx.method === 'OPTIONS')
        return await send(ctx, {
          status: 204,
          type: undefined,
          headers: { Allow: match.route.allow },
          body: undefined,
        });
      if (operation === undefined) throw fail('method_not_allowed', { headers: { Allow: match.route.allow } });
      await send(ctx, await mount.run(operation, match.params, ctx));
    } catch (thrown) {
      await sendFailure(ctx, thrown, operation?.surface ?? surfaceOf(ctx.path), deps, requestId);
    }
  });
  return app;
}

function documentedMethod(method: string): string {
  return method === 'HEAD' ? 'get' : method.toLowerCase();
}

/** For what matches no operation: the path prefix decides (product.md, "Two surfaces"). */
function surfaceOf(path: string): Surface {
  return /^\/(api|download|webhooks)(\/|$)/.test(path) ? 'delivery' : 'platform';
}

async function sendFailure(
  ctx: Context,
  thrown: unknown,
  surface: Surface,
  deps: Deps,
  requestId: string,
): Promise<void> {
  const failure = failureOf(thrown);
  const { status, headers, body } = presentFailure(failure, surface);
  if (status >= 500) deps.log.error({ requestId, err: failure.cause }, failure.code);
  if (ctx.headerSent) return void ctx.res.destroy();
  await send(ctx, { status, type: 'application/json', headers, body: serialise(body, surface) });
}

/** One line per request. The query is left out: it may carry a token. */
function logRequest(deps: Deps, ctx: Context, requestId: string, operation: string, started: number): void {
  const duration = performance.now() - started;
  const { statusCode } = ctx.res;
  deps.metrics.observe(operation, statusCode, duration / 1000);
  deps.log.info({
    requestId,
    operation,
    method: ctx.method,
    path: ctx.path,
    status: statusCode,
    duration: Math.round(duration * 1000) / 1000,
  });
}
