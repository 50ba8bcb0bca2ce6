import type { Context } from 'koa';
import type { Pour } from './handler.ts';
import type { Headers } from './headers.ts';
import { serialise } from './serialise.ts';

/** An answer before it is sent: JSON is text already, so that it can be stored and replayed byte for byte. */
export interface Outcome {
  readonly status: number;
  readonly type: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | Pour | undefined;
}

interface Parts {
  type?: string;
  headers?: Record<string, unknown>;
  body?: unknown;
}

/** The untyped side of `reply`: JSON bodies become text here, in one place. */
export function outcomeOf(status: number, { type, headers, body }: Parts): Outcome {
  const text: Record<string, string> = {};
  for (const name in headers) if (headers[name] !== undefined) text[name] = String(headers[name]);
  const ready =
    body === undefined ||
    Buffer.isBuffer(body) ||
    typeof body === 'function' ||
    (type !== undefined && type !== 'application/json');
  if (ready)
    return {
      status,
      type: body === undefined ? undefined : (type ?? 'application/json'),
      headers: text,
      body: body as Outcome['body'],
    };
  return { status, type: 'application/json', headers: text, body: serialise(body) };
}

/**
 * Writes the answer past Koa's own responder, which would examine once more what is known here, and all headers at
 * once: `common` ones give way to those that the handler has set on the response. A body that writes itself goes to
 * the socket at the pace of its reader: only then there is something to wait for.
 */
export function send(
  ctx: Context,
  common: Headers,
  { status, type, headers, body }: Outcome,
): Promise<void> | undefined {
  const { res } = ctx;
  ctx.respond = false;
  const all: Headers = Object.assign(common, headers);
  if (res.hasHeader('Cache-Control')) delete all['Cache-Control'];
  if (type !== undefined) all['Content-Type'] = type;
  if (type === 'text/html') delete all['Access-Control-Allow-Origin'];
  if (typeof body === 'function') return pourInto(ctx, status, all, body);
  if (body !== undefined) all['Content-Length'] = Buffer.byteLength(body);
  res.writeHead(status, all);
  // Node leaves the body out itself where the answer is to HEAD.
  res.end(body);
  return undefined;
}

/** The head goes out with the first bytes, so that a storage that fails before them can still be answered with an error. */
async function pourInto({ res, method }: Context, status: number, headers: Headers, pour: Pour): Promise<void> {
  res.statusCode = status;
  for (const name in headers) res.setHeader(name, headers[name] ?? '');
  if (method !== 'HEAD') await pour(res);
  if (!res.destroyed) res.end();
}
