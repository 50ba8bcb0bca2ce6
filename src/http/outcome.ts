import type { Context } from 'koa';
import type { Pour } from './handler.ts';
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
 * Writes the answer past Koa's own responder, which would examine once more what is known here. A body that writes
 * itself goes to the socket at the pace of its reader: only then there is something to wait for.
 */
export function send(ctx: Context, { status, type, headers, body }: Outcome): Promise<void> | undefined {
  const { res } = ctx;
  ctx.respond = false;
  res.statusCode = status;
  for (const name in headers) res.setHeader(name, headers[name] ?? '');
  if (type !== undefined) res.setHeader('Content-Type', type);
  if (typeof body === 'function') return pourInto(ctx, body);
  if (body !== undefined) res.setHeader('Content-Length', Buffer.byteLength(body));
  // Node leaves the body out itself where the answer is to HEAD.
  res.end(body);
  return undefined;
}

async function pourInto({ res, method }: Context, pour: Pour): Promise<void> {
  if (method !== 'HEAD') await pour(res);
  if (!res.destroyed) res.end();
}
