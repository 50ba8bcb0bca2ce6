import type { Context } from 'koa';
import type { Deps } from '../deps.ts';

/** The client went away before it had an answer; nginx's number, since HTTP has none. */
const CLIENT_CLOSED = 499;

interface Exchange {
  readonly requestId: string;
  /** The operation's id; `page` for the pages outside of the document, `none` where the request matched nothing. */
  readonly operation: string;
  /** Without the query, which may carry a token. */
  readonly path: string;
  /** `performance.now()` when the request came. */
  readonly started: number;
}

/** Counts the request and writes one line about it. */
export function logExchange(ctx: Context, { metrics }: Deps, log: Deps['log'], exchange: Exchange): void {
  const { requestId, operation, path, started } = exchange;
  const duration = performance.now() - started;
  const status = ctx.res.headersSent ? ctx.res.statusCode : CLIENT_CLOSED;
  metrics.observe(operation, status, duration / 1000);
  log.info({ requestId, method: ctx.method, path, status, duration: Math.round(duration * 1000) / 1000 });
}
